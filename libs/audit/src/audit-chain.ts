import { createHash } from 'node:crypto';
import type { AuditEvent } from './audit-event.js';

/** What stands before the first event of every chain. */
export const CHAIN_START = '0'.repeat(64);

/**
 * SHA-256, in hex, of the event and of the hash before it: a JSON array of previous hash, sequence
 * and every other column, object keys in order; last the ids of memories, where there are any.
 */
export function hashOfEvent(event: AuditEvent, sequence: number, previousHash: string): string {
  const { tenant_id, id, occurred_at, actor, action, target_kind, target } = event;
  const { request_id, source, outcome, details, memory_ids: memories } = event;
  const fields = [previousHash, sequence, tenant_id, id, occurred_at, actor, action, target_kind];
  const named = memories.length === 0 ? [] : [memories];
  fields.push(target, request_id, source, outcome);
  const text = JSON.stringify([...fields, ordered(details), ...named]);
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** Where a chain stands: the last event checked or chained. */
export interface ChainHead {
  readonly sequence: number;
  readonly hash: string;
}

/** @returns the head after these events, or the first that does not fit. */
export function followChain(
  head: ChainHead,
  events: readonly AuditEvent[],
): { readonly head: ChainHead; readonly broken?: AuditEvent } {
  let { sequence, hash } = head;
  for (const event of events) {
    const fits =
      event.sequence === sequence + 1 &&
      event.previous_hash === hash &&
      event.hash === hashOfEvent(event, sequence + 1, hash);
    if (!fits) return { head: { sequence, hash }, broken: event };
    sequence += 1;
    hash = event.hash ?? '';
  }
  return { head: { sequence, hash } };
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, ordered(inner)]));
}
