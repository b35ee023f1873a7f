import type { MemoryId } from '@soma/core';
import { averageLength } from './lexical-candidates.js';
import { postingKeyOf } from './posting-key.js';
import type { MemoryLink, RankingInput, RankingMemory } from './ranking/ranking-input.js';
import type { Found } from './search-arms.js';
import type { Context, ContextMemory, PostingList } from './search-repository.js';

/** What an exact hit counts, 0 to 1: a tag says what a memory is about, an address which it is. */
const EXACT_VALUES = { address: 1, tag: 0.5, speaker: 0 } as const;

type Row = Omit<RankingMemory, 'session' | 'previous' | 'next' | 'frequencies'> & {
  readonly id: MemoryId;
  readonly sessionKey: number;
};

/** What the ranking core reads, from what the arms found and what stands around it. */
export function assembleRankingInput(
  query: { readonly text: string; readonly at: number | undefined },
  found: Found,
  context: Context,
): RankingInput {
  const { matches } = found;
  const rows = [...candidateRows(found, context), ...neighbourRows(context)];
  const positions = new Map(rows.map(({ id }, position) => [id, position]));
  const sessions = new Map(context.sessions.map(({ key }, position) => [key, position]));
  const { previous, next } = neighbours(context, positions);
  const links = linksByPosition(context, positions);
  const terms = matches.postings;
  const counts = countTerms(terms, positions, sessions);
  return {
    query: { ...query, terms: terms.map(queryTerm) },
    memories: rows.map(({ sessionKey, ...row }, position) => ({
      ...row,
      session: sessions.get(sessionKey) ?? -1,
      previous: previous[position] ?? -1,
      next: next[position] ?? -1,
      links: links[position],
      frequencies: counts.ofMemories[position] ?? [],
    })),
    sessions: context.sessions.map(({ length, age }, position) => ({
      frequencies: counts.ofSessions[position] ?? [],
      length,
      age,
    })),
    totals: {
      memories: Math.max(1, matches.memories),
      sessions: context.sessionCount,
      averageLength: averageLength(matches),
      averageSessionLength: Math.max(1, context.sessionsLength / Math.max(1, context.sessionCount)),
    },
  };
}

/** All that was read in full may be returned; in the order it happened. */
function candidateRows(found: Found, { memories }: Context): Row[] {
  const cosines = currentCosines(found, memories);
  const exact = new Map<MemoryId, number>();
  for (const { id, kind } of found.matches.exact) {
    exact.set(id, Math.max(exact.get(id) ?? 0, EXACT_VALUES[kind]));
  }
  return memories
    .toSorted(
      (a, b) => a.happenedAt - b.happenedAt || a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1),
    )
    .map((memory) => ({
      id: memory.id,
      candidate: true,
      sessionKey: memory.sessionKey,
      speaker: memory.speaker,
      role: memory.role,
      occurredAt: memory.happenedAt,
      content: memory.content,
      length: memory.lexemes,
      cosine: cosines.get(memory.id),
      exact: exact.get(memory.id) ?? 0,
    }));
}

/** A cosine counts for the entry that stands for its memory now. */
function currentCosines(
  { dense }: Found,
  memories: readonly ContextMemory[],
): Map<MemoryId, number> {
  const entries = new Map(memories.map(({ id, entryId }) => [id, entryId]));
  return new Map(
    dense
      .filter(({ memoryId, entryId }) => entries.get(memoryId) === entryId)
      .map(({ memoryId, score }) => [memoryId, score]),
  );
}

/** Those farther off lend their words only. */
function neighbourRows({ memories, windows }: Context): Row[] {
  const known = new Set(memories.map(({ id }) => id));
  const sessionOf = new Map(memories.map(({ id, sessionKey }) => [id, sessionKey]));
  return windows.flatMap((window) =>
    [...window.before, ...window.after].flatMap(({ id, lexemes }) => {
      if (known.has(id)) return [];
      known.add(id);
      const sessionKey = sessionOf.get(window.id) ?? -1;
      return [{ ...NEIGHBOUR, id, sessionKey, length: lexemes }];
    }),
  );
}

const NEIGHBOUR = {
  candidate: false,
  speaker: undefined,
  occurredAt: 0,
  content: '',
  cosine: undefined,
};

/** By position, the positions before and after in the session; -1 at an end or where not read. */
function neighbours(
  { windows }: Context,
  positions: ReadonlyMap<MemoryId, number>,
): { previous: Int32Array; next: Int32Array } {
  const previous = new Int32Array(positions.size).fill(-1);
  const next = new Int32Array(positions.size).fill(-1);
  for (const { id, before, after } of windows) {
    const chain = [...before.map((near) => near.id).reverse(), id, ...after.map((near) => near.id)];
    for (let at = 1; at < chain.length; at++) {
      const [early, late] = [chain[at - 1], chain[at]].map((near) =>
        near === undefined ? undefined : positions.get(near),
      );
      if (early === undefined || late === undefined) continue;
      next[early] = late;
      previous[late] = early;
    }
  }
  return { previous, next };
}

/** A link lends evidence both ways. */
function linksByPosition(
  { links }: Context,
  positions: ReadonlyMap<MemoryId, number>,
): (MemoryLink[] | undefined)[] {
  const byPosition: (MemoryLink[] | undefined)[] = [];
  for (const { from, to, strength } of links) {
    const [start, end] = [positions.get(from), positions.get(to)];
    if (start === undefined || end === undefined || start === end) continue;
    (byPosition[start] ??= []).push({ memory: end, strength });
    (byPosition[end] ??= []).push({ memory: start, strength });
  }
  return byPosition;
}

function queryTerm(list: PostingList): RankingInput['query']['terms'][number] {
  const sessions = new Set(Array.from(list.sessions));
  sessions.delete(-1);
  return {
    lexeme: list.lexeme,
    frequency: list.frequency,
    sentences: list.sentences,
    memories: list.keys.length,
    sessions: sessions.size,
  };
}

/** Occurrences of each term in each memory and session at hand. */
function countTerms(
  terms: readonly PostingList[],
  positions: ReadonlyMap<MemoryId, number>,
  sessions: ReadonlyMap<number, number>,
): { ofMemories: Uint32Array[]; ofSessions: Uint32Array[] } {
  const byKey = new Map([...positions].map(([id, position]) => [postingKeyOf(id), position]));
  const ofMemories = Array.from(positions, () => new Uint32Array(terms.length));
  const ofSessions = Array.from(sessions, () => new Uint32Array(terms.length));
  terms.forEach((list, term) => {
    list.keys.forEach((key, at) => {
      const frequency = list.frequencies[at] ?? 0;
      const ofMemory = ofMemories[byKey.get(key) ?? -1];
      if (ofMemory) ofMemory[term] = frequency;
      const ofSession = ofSessions[sessions.get(list.sessions[at] ?? -1) ?? -1];
      if (ofSession) ofSession[term] = (ofSession[term] ?? 0) + frequency;
    });
  });
  return { ofMemories, ofSessions };
}
