import type { Link, Memory } from '../src/memory.js';

export const MEMORY_ID = '0198c1f0-0000-7000-8000-0000000000aa';
export const OTHER_ID = '0198c1f0-0000-7000-8000-0000000000bb';

export function aMemory(parts: Partial<Memory> = {}): Memory {
  return {
    id: MEMORY_ID,
    coordinate: '1,2,3',
    namespace: 'default',
    memory_type: 'episodic',
    tier: 0,
    content: 'Ada prefers tea',
    payload: { text: 'Ada prefers tea' },
    metadata: {},
    tags: ['user'],
    importance: 0.5,
    pinned: false,
    session_id: null,
    speaker: null,
    occurred_at: null,
    expires_at: null,
    version: 1,
    access_count: 0,
    last_accessed_at: null,
    created_at: '2026-01-01T00:00:00.000Z',
    updated_at: '2026-01-01T00:00:00.000Z',
    ...parts,
  };
}

export function aLink(parts: Partial<Link> = {}): Link {
  return {
    id: '0198c1f0-0000-7000-8000-0000000000cc',
    from_id: OTHER_ID,
    from_coord: '4,5,6',
    to_id: MEMORY_ID,
    to_coord: '1,2,3',
    link_type: 'causes',
    strength: 0.8,
    metadata: {},
    created_at: '2026-01-01T00:00:00.000Z',
    ...parts,
  };
}
