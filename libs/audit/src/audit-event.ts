import { type RequestOrigin, tenantId, TenantScope } from '@soma/core';

/** Of what is done to the service as a whole, and to no tenant: a chain of its own. */
export const SERVICE = TenantScope.of(tenantId('00000000-0000-0000-0000-000000000000'));

/**
 * Something that was done, to be appended in the transaction that does it. Never a payload, a query, a
 * secret, or any other text of a client.
 */
export interface AuditEntry {
  /** Verb and thing, like `memories.delete`. */
  readonly action: string;
  readonly targetKind: string;
  /** An id, or a hash where the id itself must not be kept. */
  readonly target: string;
  readonly outcome: 'accepted' | 'done' | 'refused' | 'failed';
  /** Counts and states: numbers, booleans and words of ours. */
  readonly details: Readonly<Record<string, unknown>>;
  /** Of the memories written, deleted or shown. */
  readonly memoryIds?: readonly string[];
}

/** An entry that is appended later than what it tells of. */
export interface NotedEvent {
  readonly scope: TenantScope;
  readonly id: string;
  readonly at: Date;
  readonly origin: RequestOrigin;
  readonly entry: AuditEntry;
}

/** An entry as kept. */
export interface AuditEvent {
  readonly tenant_id: string;
  readonly id: string;
  /** 1, 2, 3, … by tenant; null for the moment until the chainer has seen it. */
  readonly sequence: number | null;
  /** ISO 8601, UTC, in microseconds. */
  readonly occurred_at: string;
  readonly actor: string;
  readonly action: string;
  readonly target_kind: string;
  readonly target: string;
  readonly request_id: string;
  readonly source: string;
  readonly outcome: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly memory_ids: string[];
  /** SHA-256 in hex. */
  readonly previous_hash: string | null;
  readonly hash: string | null;
}
