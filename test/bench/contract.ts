/** The parts of the HTTP contract that the benchmarks and the demo use. */

export interface NewLink {
  to_coord: string;
  link_type: string;
  strength?: number;
}

export interface NewMemory {
  coord?: string;
  content?: string;
  payload?: Record<string, unknown>;
  memory_type?: string;
  namespace?: string;
  importance?: number;
  tags?: string[];
  metadata?: Record<string, unknown>;
  session_id?: string;
  speaker?: string;
  occurred_at?: string;
  links?: NewLink[];
}

export interface Memory {
  id: string;
  coordinate: string;
  namespace: string;
  memory_type: string;
  content: string;
  metadata: Record<string, unknown>;
  importance: number;
  session_id: string | null;
  occurred_at: string | null;
}

export interface Link {
  from_coord: string;
  to_coord: string;
  link_type: string;
  strength: number;
}

export interface SearchAnswer {
  memories: (Memory & { score: number })[];
  took_ms: number;
  stages_ms: Partial<Record<'embed' | 'arms' | 'context' | 'rank' | 'read', number>>;
  partial: boolean;
}

export interface ContextAnswer {
  text: string;
  tokens: number;
  citations: { cite: string; memory_id: string }[];
  took_ms: number;
  partial: boolean;
}

export interface NeighborsAnswer {
  neighbors: { memory: Memory; depth: number; link: Link }[];
  truncated: boolean;
}

export interface PathAnswer {
  found: boolean;
  length: number;
  strength: number;
  memories: Memory[];
  links: Link[];
}

export interface BulkAnswer {
  results: {
    index: number;
    status: number;
    memory?: Memory;
    error?: { code: string; detail: string };
  }[];
  stored: number;
  failed: number;
}

export interface Stats {
  memories: { total: number };
  links: { total: number };
  backends: { store: string; index: string; cache: string };
  embeddings: { total: number; pending: number; model: string; dimension: number };
}
