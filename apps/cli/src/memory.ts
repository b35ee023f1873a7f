/** The API's resources, as far as this command shows them. */
export interface Memory {
  readonly id: string;
  readonly coordinate: string;
  readonly namespace: string;
  readonly memory_type: string;
  readonly tier: number;
  readonly content: string;
  readonly payload: unknown;
  readonly metadata: unknown;
  readonly tags: readonly string[];
  readonly importance: number;
  readonly pinned: boolean;
  readonly dedup: 'allow' | 'never';
  readonly prediction: string | null;
  readonly session_id: string | null;
  readonly speaker: string | null;
  readonly occurred_at: string | null;
  readonly expires_at: string | null;
  readonly slot: string | null;
  readonly valid_from: string | null;
  readonly valid_to: string | null;
  readonly superseded_by: string | null;
  readonly embedding: 'ready' | 'pending';
  readonly version: number;
  readonly access_count: number;
  readonly last_accessed_at: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface Namespace {
  readonly namespace: string;
  readonly language: string;
  readonly memories: number;
}

export type ScoredMemory = Memory & {
  readonly score: number;
  readonly explanation?: Explanation;
};

/** How a score came about, with `explain`. */
export interface Explanation {
  readonly recipe: string;
  readonly found_by: readonly FoundBy[];
  readonly contributions: readonly Contribution[];
  readonly sum: number;
  readonly score: number;
}

export interface FoundBy {
  readonly arm: string;
  readonly rank?: number;
  readonly score?: number;
}

export interface Contribution {
  readonly feature: string;
  readonly raw: number;
  readonly value: number;
  readonly weight: number;
  readonly contribution: number;
}

export interface SearchReply {
  readonly memories: readonly ScoredMemory[];
  /** Of the contents; with `max_tokens`. */
  readonly tokens?: number;
  readonly took_ms: number;
  readonly stages_ms?: Readonly<Record<string, number>>;
  readonly partial: boolean;
  readonly partial_reason?: string;
}

export interface ContextReply {
  readonly text: string;
  readonly tokens: number;
  readonly budget: number;
  readonly citations: readonly { readonly cite: string; readonly memory_id: string }[];
  readonly left_out: number;
  readonly took_ms: number;
  readonly partial: boolean;
  readonly partial_reason?: string;
}

export interface Link {
  readonly id: string;
  readonly from_id: string;
  readonly from_coord: string;
  readonly to_id: string;
  readonly to_coord: string;
  readonly link_type: string;
  readonly strength: number;
  readonly metadata: unknown;
  readonly created_at: string;
}
