import { type MemoryId, memoryId } from '@soma/core';
import { assembleRankingInput } from './assemble-ranking-input.js';
import { postingKeyOf } from './posting-key.js';
import type { Found } from './search-arms.js';
import type { Context, ContextMemory } from './search-repository.js';

const idOf = (number: number): MemoryId =>
  memoryId(`00000000-0000-7000-8000-${String(number).padStart(12, '0')}`);
const [A, B, C, D] = [1, 2, 3, 4].map(idOf) as [MemoryId, MemoryId, MemoryId, MemoryId];

const memory = (id: MemoryId, happenedAt: number): ContextMemory => ({
  id,
  entryId: `entry of ${id}`,
  sessionKey: 7,
  speaker: undefined,
  role: undefined,
  happenedAt,
  createdAt: 0,
  content: `text of ${id}`,
  lexemes: 3,
});

const found: Found = {
  dense: [
    { arm: 'dense', entryId: `entry of ${B}`, memoryId: B, score: 0.9 },
    { arm: 'dense', entryId: 'an older entry', memoryId: C, score: 0.8 },
  ],
  lexical: [{ id: B, score: 2 }],
  matches: {
    postings: [
      {
        lexeme: 'tea',
        frequency: 1,
        sentences: [0],
        keys: [B, D].map(postingKeyOf),
        frequencies: [2, 5],
        lengths: [3, 9],
        sessions: [7, 7],
        passes: [1, 1],
      },
    ],
    memories: 10,
    totalLength: 40,
    exact: [{ id: C, kind: 'tag' }],
  },
  model: 'none',
  semantic: false,
  partialReason: undefined,
};

/** A, B, C in this order in one session; D, after C, is known by its length only. */
const context: Context = {
  memories: [memory(C, 30), memory(A, 10), memory(B, 20)],
  windows: [
    {
      id: B,
      before: [{ id: A, lexemes: 3 }],
      after: [
        { id: C, lexemes: 3 },
        { id: D, lexemes: 9 },
      ],
    },
  ],
  links: [{ from: A, to: C, strength: 0.5 }],
  sessions: [{ key: 7, length: 18, age: 2 }],
  sessionCount: 3,
  sessionsLength: 60,
};

describe(assembleRankingInput.name, () => {
  const input = assembleRankingInput({ text: 'tea', at: undefined }, found, context);
  const rows = new Map(input.memories.map((row, position) => [row.id, { ...row, position }]));

  it('orders what may be returned by time, and leaves out what is known by length only', () => {
    const candidates = input.memories.filter(({ candidate }) => candidate);
    expect(candidates.map(({ id }) => id)).toEqual([A, B, C]);
    expect(rows.get(D)).toMatchObject({ candidate: false, content: '', length: 9, session: 0 });
  });

  it('joins neighbours both ways', () => {
    const chain = [A, B, C, D].map((id) => rows.get(id)?.position);
    expect([A, B, C, D].map((id) => rows.get(id)?.next)).toEqual([...chain.slice(1), -1]);
    expect([A, B, C, D].map((id) => rows.get(id)?.previous)).toEqual([-1, ...chain.slice(0, 3)]);
  });

  it('counts a cosine only for the entry that stands for its memory now', () => {
    expect(rows.get(B)?.cosine).toBe(0.9);
    expect(rows.get(C)?.cosine).toBeUndefined();
  });

  it('gives each memory and session its frequencies, neighbours too', () => {
    expect(rows.get(B)?.frequencies[0]).toBe(2);
    expect(rows.get(D)?.frequencies[0]).toBe(5);
    expect(rows.get(A)?.frequencies[0]).toBe(0);
    expect(input.sessions[0]?.frequencies[0]).toBe(7);
  });

  it('lists a link at both of its ends', () => {
    expect(rows.get(A)?.links).toEqual([{ memory: rows.get(C)?.position, strength: 0.5 }]);
    expect(rows.get(C)?.links).toEqual([{ memory: rows.get(A)?.position, strength: 0.5 }]);
  });

  it('counts what the query names', () => {
    expect([A, B, C].map((id) => rows.get(id)?.exact)).toEqual([0, 0, 0.5]);
  });

  it('takes averages of the whole namespace', () => {
    expect(input.totals).toEqual({
      memories: 10,
      sessions: 3,
      averageLength: 4,
      averageSessionLength: 20,
    });
    expect(input.query.terms).toEqual([
      { lexeme: 'tea', frequency: 1, sentences: [0], memories: 2, sessions: 1 },
    ]);
  });
});
