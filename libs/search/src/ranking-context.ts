import type { MemoryId } from '@soma/core';
import { SPREADING_HITS, SPREAD } from './recipes.js';
import { RADIUS } from './ranking/activation.js';
import type { RankingInput, RankingMemory } from './ranking/ranking-input.js';
import { countedPostings } from './lexical-candidates.js';
import type { Found } from './search-arms.js';
import type { Context, ContextQuery } from './search-repository.js';

/** What an exact hit counts, 0 to 1: a tag says what a memory is about, an address which it is. */
const EXACT_VALUES = { address: 1, tag: 0.5, speaker: 0 } as const;

/** Memories whose neighbours and links come along: the first of each arm, and exact hits. */
export function spreadingHits({ dense, lexical, matches }: Found): Set<MemoryId> {
  return new Set([
    ...dense.slice(0, SPREADING_HITS).map(({ memoryId }) => memoryId),
    ...lexical.slice(0, SPREADING_HITS).map(({ id }) => id),
    ...matches.exact.map(({ id }) => id),
  ]);
}

/** The candidates of all arms, and how far around each to look. */
export function contextSeeds(
  found: Found,
  spreading: ReadonlySet<MemoryId>,
): ContextQuery['seeds'] {
  const ids = new Set([
    ...spreading,
    ...found.dense.map(({ memoryId }) => memoryId),
    ...found.lexical.map(({ id }) => id),
  ]);
  return [...ids].map((id) => ({ id, reach: RADIUS + (spreading.has(id) ? SPREAD : 0) }));
}

/** What the ranking core reads, from what the arms found and what stands around it. */
export function rankingInput(
  query: { readonly text: string; readonly at: number | undefined },
  found: Found,
  context: Context,
  spreading: ReadonlySet<MemoryId>,
): RankingInput {
  const memories = [...context.memories].sort(
    (a, b) => a.happenedAt - b.happenedAt || a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1),
  );
  const positions = new Map(memories.map(({ id }, position) => [id, position]));
  const sessions = new Map(context.sessions.map(({ key }, position) => [key, position]));
  const candidates = candidateIds(found, context, spreading);
  const { previous, next } = neighbours(context, positions);
  const cosines = currentCosines(found, context);
  const exact = new Map<MemoryId, number>();
  for (const { id, kind } of found.matches.exact) {
    exact.set(id, Math.max(exact.get(id) ?? 0, EXACT_VALUES[kind]));
  }
  const terms = countedPostings(found.matches.postings);
  const { frequencies, sessionFrequencies } = countTerms(terms, positions, sessions);
  return {
    query: {
      text: query.text,
      at: query.at,
      terms: terms.map((list) => ({
        lexeme: list.lexeme,
        frequency: list.frequency,
        sentences: list.sentences,
        memories: list.memories.length,
        sessions: new Set(list.sessions.filter((key) => key >= 0)).size,
      })),
    },
    memories: memories.map((memory, position): RankingMemory => ({
      id: memory.id,
      candidate: candidates.has(memory.id),
      session: sessions.get(memory.sessionKey) ?? -1,
      previous: previous.get(position) ?? -1,
      next: next.get(position) ?? -1,
      speaker: memory.speaker,
      role: memory.role,
      occurredAt: memory.happenedAt,
      content: memory.content,
      length: memory.lexemes,
      frequencies: frequencies[position] ?? [],
      cosine: cosines.get(memory.id),
      exact: exact.get(memory.id) ?? 0,
    })),
    sessions: context.sessions.map(({ length, age }, position) => ({
      frequencies: sessionFrequencies[position] ?? [],
      length,
      age,
    })),
    totals: {
      memories: Math.max(1, found.matches.memories),
      sessions: context.sessionCount,
      averageLength: Math.max(1, found.matches.totalLength / Math.max(1, found.matches.memories)),
      averageSessionLength: Math.max(1, context.sessionsLength / Math.max(1, context.sessionCount)),
    },
  };
}

/** A cosine counts for the entry that stands for its memory now. */
function currentCosines({ dense }: Found, { memories }: Context): Map<MemoryId, number> {
  const entries = new Map(memories.map(({ id, entryId }) => [id, entryId]));
  return new Map(
    dense
      .filter(({ memoryId, entryId }) => entries.get(memoryId) === entryId)
      .map(({ memoryId, score }) => [memoryId, score]),
  );
}

/** All that an arm found by itself, and what stands near or is linked to the first of each. */
function candidateIds(
  found: Found,
  { windows, links }: Context,
  spreading: ReadonlySet<MemoryId>,
): Set<MemoryId> {
  const entryless = new Set(found.lexical.map(({ id }) => id));
  const ids = new Set([...spreading, ...entryless, ...found.dense.map(({ memoryId }) => memoryId)]);
  for (const { id, before, after } of windows) {
    if (!spreading.has(id)) continue;
    for (const near of [...before.slice(0, SPREAD), ...after.slice(0, SPREAD)]) ids.add(near);
  }
  for (const { from, to } of links) ids.add(from).add(to);
  return ids;
}

interface Neighbours {
  readonly previous: Map<number, number>;
  readonly next: Map<number, number>;
}

function neighbours({ windows }: Context, positions: ReadonlyMap<MemoryId, number>): Neighbours {
  const previous = new Map<number, number>();
  const next = new Map<number, number>();
  const join = (early: MemoryId, late: MemoryId): void => {
    const [first, second] = [positions.get(early), positions.get(late)];
    if (first === undefined || second === undefined) return;
    next.set(first, second);
    previous.set(second, first);
  };
  for (const { id, before, after } of windows) {
    [id, ...before].forEach((late, at, chain) => {
      const early = chain[at + 1];
      if (early !== undefined) join(early, late);
    });
    [id, ...after].forEach((early, at, chain) => {
      const late = chain[at + 1];
      if (late !== undefined) join(early, late);
    });
  }
  return { previous, next };
}

/** Occurrences of each term in each memory and session at hand. */
function countTerms(
  terms: Found['matches']['postings'],
  positions: ReadonlyMap<MemoryId, number>,
  sessions: ReadonlyMap<number, number>,
): { frequencies: Uint32Array[]; sessionFrequencies: Uint32Array[] } {
  const frequencies = Array.from(positions, () => new Uint32Array(terms.length));
  const sessionFrequencies = Array.from(sessions, () => new Uint32Array(terms.length));
  terms.forEach((list, term) => {
    list.memories.forEach((id, at) => {
      const frequency = list.frequencies[at] ?? 0;
      const ofMemory = frequencies[positions.get(id) ?? -1];
      if (ofMemory) ofMemory[term] = frequency;
      const ofSession = sessionFrequencies[sessions.get(list.sessions[at] ?? -1) ?? -1];
      if (ofSession) ofSession[term] = (ofSession[term] ?? 0) + frequency;
    });
  });
  return { frequencies, sessionFrequencies };
}
