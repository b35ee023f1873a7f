import type { FilterableMemory } from '@soma/filter';

/** What an entry says of a memory of which nothing is known but its type. */
export const blankAttributes = (memoryType: string): FilterableMemory => ({
  memory_type: memoryType,
  tier: 0,
  importance: 0,
  trust: 0,
  created_at: 0,
  updated_at: 0,
  coordinate: '0',
  tags: [],
  session_id: null,
  speaker: null,
  occurred_at: null,
  metadata: {},
});
