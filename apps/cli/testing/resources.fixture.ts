import type { LockState } from '../src/locks/lease.js';
import type {
  Explanation,
  Link,
  Memory,
  Namespace,
  ScoredMemory,
  SearchReply,
} from '../src/memory.js';

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
    dedup: 'allow',
    prediction: null,
    session_id: null,
    speaker: null,
    occurred_at: null,
    expires_at: null,
    slot: null,
    valid_from: null,
    valid_to: null,
    superseded_by: null,
    version: 1,
    embedding: 'ready',
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

export const aLockState = (): LockState => ({
  name: 'n m/ü',
  held: true,
  owner: 'Ada',
  fencing_token: 7,
  expires_at: '2026-01-01T00:00:30.000Z',
});

export const aNamespace = (): Namespace => ({
  namespace: 'n m/ü',
  language: 'german',
  memories: 42,
});

export function anExplanation(parts: Partial<Explanation> = {}): Explanation {
  return {
    recipe: 'context',
    found_by: [
      { arm: 'dense', rank: 2, score: 0.61 },
      { arm: 'lexical', rank: 1, score: 7.4 },
    ],
    contributions: [
      { feature: 'cosine', raw: 0.61, value: 0.97, weight: 0.5, contribution: 0.485 },
      { feature: 'sentence', raw: 7.4, value: 1, weight: 0.8, contribution: 0.8 },
    ],
    sum: 1.285,
    score: 0.8125,
    ...parts,
  };
}

export const aScoredMemory = (parts: Partial<ScoredMemory> = {}): ScoredMemory => ({
  ...aMemory(),
  score: 0.8125,
  ...parts,
});

/** As the service answers a search: explained and counted only when asked for. */
export function aSearchReply(
  request: unknown,
  memories: readonly ScoredMemory[] = [aScoredMemory()],
): SearchReply {
  const { explain, max_tokens } = request as { explain?: boolean; max_tokens?: number };
  return {
    memories: memories.map((memory) => ({
      ...memory,
      explanation: explain ? (memory.explanation ?? anExplanation()) : undefined,
    })),
    tokens: max_tokens === undefined ? undefined : 4 * memories.length,
    took_ms: 4,
    stages_ms: { embed: 0.1, arms: 2, context: 1, rank: 0.5, read: 0.4 },
    partial: false,
  };
}

export const aContextReply = (given: object = {}) => ({
  text: '2026\n1 May\n[1] Ada prefers tea',
  tokens: 14,
  budget: 1024,
  parts: [],
  citations: [{ cite: '1', memory_id: aMemory().id }],
  left_out: 3,
  took_ms: 5,
  partial: false,
  ...given,
});

export const aModel = (given: object = {}) => ({
  model: 'hash-v1:768',
  state: 'active',
  memories: 0,
  vectors: 0,
  pending: 0,
  untaken: 0,
  unindexed: 0,
  recall: null,
  detail: null,
  switch_when_ready: true,
  created_at: '2026-11-21T12:00:00.000Z',
  changed_at: '2026-11-21T12:00:00.000Z',
  ...given,
});

export const aReembedding = (...others: object[]) => ({
  configured: 'hash-v1:768',
  active: 'hash-v1:768',
  models: [aModel(), ...others],
});

export const aRollback = (given: object = {}) => ({
  token: 'k',
  since: '2026-11-21T12:00:00.000Z',
  dry_run: true,
  memories: [],
  links: 0,
  quarantined: 0,
  receipt_ids: [],
  next_cursor: null,
  done: true,
  ...given,
});
