import { memoryId, parseCoordinate } from '@soma/core';
import type { MemoryDraft } from '@soma/memory';
import { v7 as uuidv7 } from 'uuid';

/** A draft at a coordinate of its own; what a test is about, it gives. */
export const memoryDraft = (
  given: Partial<MemoryDraft> & Pick<MemoryDraft, 'namespace'>,
): MemoryDraft => ({
  id: memoryId(uuidv7()),
  coordinate: parseCoordinate(String(Math.random() * 1e9)),
  memory_type: 'episodic',
  content: 'a text',
  payload: {},
  metadata: {},
  tags: [],
  importance: 0.5,
  pinned: false,
  dedup: 'allow',
  prediction: null,
  session_id: null,
  speaker: null,
  occurred_at: null,
  expires_at: null,
  slot: null,
  valid_from: null,
  source: null,
  trust: 1,
  links: [],
  embedding: { model: 'none', vector: new Float32Array([1, 0]) },
  ...given,
});
