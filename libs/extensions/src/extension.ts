import type { Consolidate } from '@soma/consolidation';
import type { JsonObject, TenantScope } from '@soma/core';
import type { Memory, PatchMemory, StoreMemory } from '@soma/memory';
import type { SearchRequest, SearchResult } from '@soma/search';

/** Of the contract below. Another one is another number, and a module says which it was written for. */
export const EXTENSION_API = 1;

/** What a client sent to be stored: a memory, or changes of one. */
export type StoreDraft =
  | { readonly kind: 'store'; readonly memory: StoreMemory }
  | { readonly kind: 'update'; readonly current: Memory; readonly changes: PatchMemory };

/** What a client asked to have deleted. */
export type DeleteOrder =
  | { readonly kind: 'memory'; readonly memory: Memory }
  | { readonly kind: 'memories'; readonly ids: readonly string[] }
  | { readonly kind: 'memories'; readonly namespace: string; readonly filter: JsonObject }
  | { readonly kind: 'namespace'; readonly namespace: string }
  | { readonly kind: 'archived'; readonly id: string };

export interface Deleted {
  readonly kind: DeleteOrder['kind'];
  /** Those known by id, a thousand at most; none of a namespace. */
  readonly ids: readonly string[];
  /** What `GET /deletions/{id}` knows it by, and how far it came. */
  readonly receipt_id: string;
}

export interface ConsolidateOrder extends Partial<Consolidate> {
  /** In the background it is always of one namespace. */
  readonly by: 'request' | 'background';
}

export interface ConsolidateOutcome extends ConsolidateOrder {
  /** Nodes. */
  readonly created: number;
  readonly removed: number;
}

/** Refuses what was asked for, with EXTENSION_REFUSED and this reason, which the client reads. */
export interface Refusal {
  readonly refuse: string;
}

/** Nothing: as it is. `memory` or `changes`: this instead. */
export type StoreRuling = Refusal | { readonly memory: unknown } | { readonly changes: unknown };
/** `filter`: only memories that pass this one too. */
export type RecallRuling = Refusal | { readonly filter: unknown };
/** `keep`: the ids that stay. `annotations`: what is added to a result, by its id. */
export interface RecallReview {
  readonly keep?: readonly string[];
  readonly annotations?: Readonly<Record<string, JsonObject>>;
}

type Answer<Ruling> = Ruling | undefined | Promise<Ruling | undefined>;
type Done = void | Promise<void>;

/** All inputs are frozen copies; a hook that is not there costs nothing. */
export interface Hooks {
  beforeStore?(scope: TenantScope, draft: StoreDraft): Answer<StoreRuling>;
  afterStore?(scope: TenantScope, stored: { readonly memories: readonly Memory[] }): Done;
  beforeRecall?(scope: TenantScope, request: SearchRequest): Answer<RecallRuling>;
  afterRecall?(
    scope: TenantScope,
    recalled: { readonly request: SearchRequest; readonly memories: readonly SearchResult[] },
  ): Answer<RecallReview>;
  beforeDelete?(scope: TenantScope, order: DeleteOrder): Answer<Refusal>;
  afterDelete?(scope: TenantScope, deleted: Deleted): Done;
  beforeConsolidate?(scope: TenantScope, order: ConsolidateOrder): Answer<Refusal>;
  afterConsolidate?(scope: TenantScope, outcome: ConsolidateOutcome): Done;
}

export type HookName = keyof Hooks;

/** What a module gives as its default export, or what embeds the service registers in code. */
export interface Extension {
  /** In logs, metrics, errors and annotations: small letters, digits and `-`. */
  readonly name: string;
  readonly api: typeof EXTENSION_API;
  readonly hooks: Hooks;
}
