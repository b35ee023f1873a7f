import type { Link } from '@soma/graph';
import { contentOfPayload, type Memory } from '@soma/memory';

/**
 * A memory as an import, a bulk and `POST /memories` take it, in whichever namespace: no id, no
 * times of the store's own, no version. Content that is drawn from the payload is drawn again.
 */
export function memoryLine(memory: Memory): object {
  const { content, payload, prediction, session_id, speaker } = memory;
  const { occurred_at, expires_at, slot, valid_from, source } = memory;
  return {
    coord: memory.coordinate,
    ...(content !== contentOfPayload(payload) && { content }),
    ...(Object.keys(payload).length > 0 && { payload }),
    memory_type: memory.memory_type,
    importance: memory.importance,
    tags: memory.tags,
    metadata: memory.metadata,
    pinned: memory.pinned,
    dedup: memory.dedup,
    ...given({
      prediction,
      session_id,
      speaker,
      occurred_at,
      expires_at,
      slot,
      valid_from,
      source,
    }),
    trust: memory.trust,
  };
}

export function linkLine({ from_coord, to_coord, link_type, strength, metadata }: Link): object {
  return { link: { from_coord, to_coord, link_type, strength, metadata } };
}

const given = (fields: object): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
