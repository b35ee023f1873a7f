import { type MemoryId, memoryId, type TenantScope } from '@soma/core';
import type { Memory } from '@soma/memory';
import { contextIds } from './context-ids.js';
import type { PastMemories, PastMemory, PastQuestion } from './past-memories.js';
import {
  type Context,
  type ContextMemory,
  type ContextQuery,
  type ContextSession,
  type ContextWindow,
  type CurrentEntry,
  type ExactHit,
  type FreshQuery,
  type FreshTail,
  type LexicalMatches,
  type LexicalQuery,
  SearchRepository,
} from './search-repository.js';

/** As much of a memory as ranking reads of one that is there now. */
const MOST_CHARACTERS = 8_000;
/** Newest memories that a tag or a name brings up. */
const MOST_EXACT = 100;

interface Row extends PastMemory {
  readonly id: MemoryId;
  readonly happenedAt: number;
  readonly createdAt: number;
}

/**
 * What a search reads, of a namespace as it was and held in memory: the same search over it answers
 * as it would have then. Every vector is a fresh one, so that none needs an index.
 */
export class PastRepository extends SearchRepository {
  private readonly rows: readonly Row[];
  private readonly byId: ReadonlyMap<MemoryId, Row>;
  private readonly sessions: ReadonlyMap<number, readonly Row[]>;
  private lengths: ReadonlyMap<MemoryId, number> = new Map();

  constructor(
    private readonly history: PastMemories,
    private readonly question: PastQuestion,
    memories: readonly PastMemory[],
    private readonly known: ReadonlyMap<MemoryId, Float32Array>,
  ) {
    super();
    this.rows = memories.map(rowOf).sort(inOrder);
    this.byId = new Map(this.rows.map((row) => [row.id, row]));
    const inSession = this.rows.filter(({ sessionKey }) => sessionKey !== -1);
    this.sessions = Map.groupBy(inSession, ({ sessionKey }) => sessionKey);
  }

  /** Of the hierarchy nothing is known of then. */
  fresh(_scope: TenantScope, { namespace }: FreshQuery): Promise<FreshTail> {
    const rows = namespace === this.question.namespace ? this.rows : [];
    const entries = rows.flatMap(({ id, passes }) => {
      const vector = this.known.get(id);
      return vector && passes ? [{ entryId: id, memoryId: id, vector }] : [];
    });
    return Promise.resolve({ entries, cut: false, activeModel: undefined });
  }

  async lexical(scope: TenantScope, query: LexicalQuery): Promise<LexicalMatches> {
    const { postings, lengths } = await this.history.lexical(scope, this.question, query);
    this.lengths = lengths;
    const totalLength = [...lengths.values()].reduce((sum, length) => sum + length, 0);
    return { postings, memories: this.rows.length, totalLength, exact: this.exactHits(query) };
  }

  async context(scope: TenantScope, query: ContextQuery): Promise<Context> {
    const windows = query.spreading.flatMap((id) => this.windowOf(id, query.reach));
    const links = await this.history.links(scope, this.question, query.linking);
    const embedded = new Set(query.embedded);
    const memories = contextIds(query, windows, links).flatMap((id) =>
      this.contextOf(id, embedded.has(id)),
    );
    return { memories, windows, links, ...this.sessionsAt(query.at, memories) };
  }

  current(_scope: TenantScope, _query: unknown, ids: readonly MemoryId[]): Promise<CurrentEntry[]> {
    return Promise.resolve(this.passing(ids).map(({ id }) => ({ id, entryId: id })));
  }

  memories(_scope: TenantScope, ids: readonly MemoryId[]): Promise<Memory[]> {
    return Promise.resolve(this.passing(ids).map(({ memory }) => memory));
  }

  vectors(_scope: TenantScope, ids: readonly MemoryId[]): Promise<Map<MemoryId, Float32Array>> {
    const found = ids.flatMap((id): [MemoryId, Float32Array][] => {
      const vector = this.known.get(id);
      return vector ? [[id, vector]] : [];
    });
    return Promise.resolve(new Map(found));
  }

  private passing(ids: readonly MemoryId[]): Row[] {
    return ids.flatMap((id) => {
      const row = this.byId.get(id);
      return row?.passes ? [row] : [];
    });
  }

  private exactHits({ names, ids, coordinates }: LexicalQuery): ExactHit[] {
    const [asked, places] = [new Set<string>(ids), new Set(coordinates)];
    const wanted = new Set(names.map((name) => name.toLowerCase()));
    const hits: ExactHit[] = this.rows
      .filter(({ id, memory }) => asked.has(id) || places.has(memory.coordinate))
      .map(({ id }) => ({ id, kind: 'address' }));
    const newest = this.rows.toSorted((a, b) => (a.id < b.id ? 1 : -1));
    for (const name of wanted) {
      const tagged = newest.filter(({ memory }) =>
        memory.tags.some((tag) => tag.toLowerCase() === name),
      );
      const said = newest.filter(({ memory }) => (memory.speaker ?? '').toLowerCase() === name);
      hits.push(...tagged.slice(0, MOST_EXACT).map(({ id }) => ({ id, kind: 'tag' }) as const));
      hits.push(...said.slice(0, MOST_EXACT).map(({ id }) => ({ id, kind: 'speaker' }) as const));
    }
    return hits;
  }

  private windowOf(id: MemoryId, reach: number): ContextWindow[] {
    const row = this.byId.get(id);
    const session = row?.passes === true ? this.sessions.get(row.sessionKey) : undefined;
    if (!row || !session) return [];
    const chain = session.filter(({ passes }) => passes);
    const at = chain.indexOf(row);
    const neighbour = (near: Row) => ({ id: near.id, lexemes: this.lengths.get(near.id) ?? 0 });
    return [
      {
        id,
        before: chain
          .slice(Math.max(0, at - reach), at)
          .reverse()
          .map(neighbour),
        after: chain.slice(at + 1, at + 1 + reach).map(neighbour),
      },
    ];
  }

  private contextOf(id: MemoryId, isEmbedded: boolean): ContextMemory[] {
    return this.passing([id]).map(({ memory, sessionKey, happenedAt, createdAt }) => ({
      id,
      entryId: isEmbedded && this.known.has(id) ? id : null,
      sessionKey,
      speaker: memory.speaker ?? undefined,
      role: roleOf(memory),
      happenedAt,
      createdAt,
      content: memory.content.slice(0, MOST_CHARACTERS),
      lexemes: this.lengths.get(id) ?? 0,
    }));
  }

  /** Younger sessions are those that started later, until the moment asked at. */
  private sessionsAt(
    at: number | undefined,
    memories: readonly ContextMemory[],
  ): Pick<Context, 'sessions' | 'sessionCount' | 'sessionsLength'> {
    const asked = new Set(memories.map(({ sessionKey }) => sessionKey));
    asked.delete(-1);
    if (asked.size === 0) return { sessions: [], sessionCount: 0, sessionsLength: 0 };
    const all = [...this.sessions].map(([key, rows]) => ({
      key,
      startedAt: rows[0]?.happenedAt ?? 0,
      length: rows.reduce((sum, { id }) => sum + (this.lengths.get(id) ?? 0), 0),
    }));
    const begun = all.filter(({ startedAt }) => startedAt <= (at ?? Infinity));
    const ageOf = (startedAt: number): number =>
      startedAt <= (at ?? Infinity)
        ? begun.filter((other) => other.startedAt > startedAt).length
        : 0;
    const sessions: ContextSession[] = all
      .filter(({ key }) => asked.has(key))
      .map(({ key, length, startedAt }) => ({ key, length, age: ageOf(startedAt) }));
    const sessionsLength = all.reduce((sum, { length }) => sum + length, 0);
    return { sessions, sessionCount: all.length, sessionsLength };
  }
}

function rowOf(past: PastMemory): Row {
  const { id, occurred_at: occurred, created_at: created } = past.memory;
  return {
    ...past,
    id: memoryId(id),
    happenedAt: Date.parse(occurred ?? created),
    createdAt: Date.parse(created),
  };
}

const inOrder = (a: Row, b: Row): number =>
  a.happenedAt - b.happenedAt || a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);

/** As SQL's `->>` gives it. */
function roleOf({ metadata: { role } }: Memory): string | undefined {
  if (role === undefined || role === null) return undefined;
  return typeof role === 'string' ? role : JSON.stringify(role);
}
