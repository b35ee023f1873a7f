import {
  type MemoryId,
  memoryId,
  parseCoordinate,
  SomaError,
  tenantId,
  TenantScope,
} from '@soma/core';
import type { Memory, MemoryChanges, MemoryDraft } from '@soma/memory';
import {
  type Database,
  PostgresArchiveStore,
  PostgresDecayStore,
  PostgresMemoryRepository,
} from '@soma/persistence';
import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { deleteMemories } from './delete-memories.js';
import { memoryDraft } from './memory-draft.js';
import { rowCipherOf } from './row-cipher-of.js';

export interface FactsUnderTest {
  open(): Promise<Database>;
  readonly runs: number;
  /** Writers of one slot side by side. */
  readonly writers: number;
}

const DAY = Date.UTC(2026, 0, 1);
const time = (day: number): string => new Date(DAY + day * 86_400_000).toISOString();
const PLACES = 6;

type Step =
  | { kind: 'store'; facts: { at: number; slot: string | null; from: number | null }[] }
  | { kind: 'patch'; at: number; changes: MemoryChanges }
  | { kind: 'delete'; at: number }
  | { kind: 'archive'; at: number }
  | { kind: 'unarchive' };

const at = fc.nat({ max: PLACES - 1 });
const slot = fc.constantFrom('ada.home', 'ada.work', null);
const day = fc.option(fc.nat({ max: 4 }));
const fact = fc.record({ at, slot, from: day });
const changes: fc.Arbitrary<MemoryChanges> = fc.oneof(
  fc.record({ slot: fc.constantFrom('ada.home', 'ada.work'), valid_from: day.map(timeOrNull) }),
  fc.constant({ slot: null, valid_from: null }),
  fc.record({ occurred_at: day.map(timeOrNull) }),
  fc.record({ content: fc.constantFrom('one text', 'another text') }),
  fc.record({ importance: fc.constantFrom(0.1, 0.9) }),
  fc.constant({ expires_at: time(0) }),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('store' as const),
    facts: fc.array(fact, { minLength: 1, maxLength: 4 }),
  }),
  fc.record({ kind: fc.constant('patch' as const), at, changes }),
  fc.record({ kind: fc.constant('delete' as const), at }),
  fc.record({ kind: fc.constant('archive' as const), at }),
  fc.constant({ kind: 'unarchive' as const }),
);

/** Of what is gone nothing is replayed. */
const lasting = step.filter(
  ({ kind, ...given }) =>
    kind === 'store' ||
    (kind === 'patch' && !('changes' in given && 'expires_at' in given.changes)),
);

/** A moment at which nothing is written. */
async function momentAfter(): Promise<Date> {
  const now = new Date(Date.now() + 1);
  await new Promise((resolve) => setTimeout(resolve, 3));
  return now;
}

function timeOrNull(given: number | null): string | null {
  return given === null ? null : time(given);
}

/** What the intervals of facts promise, whatever is written in whichever order. */
export function factsContract({ open, runs, writers }: FactsUnderTest): void {
  const scopes = [uuidv7(), uuidv7()].map((id) => TenantScope.of(tenantId(id)));
  const [ours, theirs] = scopes as [TenantScope, TenantScope];
  let database: Database;
  let memories: PostgresMemoryRepository;
  let decay: PostgresDecayStore;
  let archive: PostgresArchiveStore;

  beforeAll(async () => {
    database = await open();
    for (const { tenantId: id } of scopes) {
      await database.withSystem(({ tenant }) => tenant.create({ data: { id, name: id } }));
    }
    const clock = { now: () => new Date() };
    const cipher = rowCipherOf(database);
    memories = new PostgresMemoryRepository(database, clock, cipher);
    decay = new PostgresDecayStore(database, cipher);
    archive = new PostgresArchiveStore(database, cipher);
  });
  afterAll(() => database.close());

  const draft = (namespace: string, given: Partial<MemoryDraft>): MemoryDraft =>
    memoryDraft({ namespace, content: 'a text of words', ...given });
  const placed = (place: number) => parseCoordinate(String(place));
  const find = (scope: TenantScope, namespace: string, place: number) =>
    memories.find(scope, { kind: 'coordinate', namespace, coordinate: placed(place) });
  const list = (scope: TenantScope, namespace: string, more = {}) =>
    memories.list(scope, { namespace, sort: 'created_at', order: 'asc', limit: 1_000, ...more });

  async function take(scope: TenantScope, namespace: string, given: Step): Promise<void> {
    if (given.kind === 'store') {
      const drafts = given.facts.map((stated) =>
        draft(namespace, {
          coordinate: placed(stated.at),
          slot: stated.slot,
          valid_from: stated.slot === null ? null : timeOrNull(stated.from),
        }),
      );
      await memories.store(scope, drafts);
      return;
    }
    if (given.kind === 'unarchive') return unarchive(scope, namespace);
    const memory = await find(scope, namespace, given.at);
    if (!memory) return;
    const id = memoryId(memory.id);
    if (given.kind === 'archive') await putAway(scope, id);
    else if (given.kind === 'delete')
      await deleteMemories(database, scope, { kind: 'ids', ids: [id] });
    else await memories.update(scope, id, given.changes, embeddingFor(given.changes));
  }

  /** As a run of the decay does, whatever the policy: it locks what it archives. */
  function putAway(scope: TenantScope, id: MemoryId): Promise<void> {
    const times = { at: new Date(), purgeAt: new Date(Date.now() + 86_400_000) };
    return database.withTenant(scope, async () => {
      const found = await memories.find(scope, { kind: 'id', id }, 'for-update');
      if (found) await decay.archive(scope, [{ id, salience: 0 }], times);
    });
  }

  /** Brings back what was archived, but where its place is taken. */
  async function unarchive(scope: TenantScope, namespace: string): Promise<void> {
    const page = { kind: 'memory', namespace, limit: 100, after: undefined } as const;
    for (const { id } of await archive.list(scope, page)) {
      await archive.restoreMemory(scope, id, undefined).catch(toleratingTaken);
    }
  }

  /** All that has not expired, superseded or not, with what is derived of each. */
  async function everything(scope: TenantScope, namespace: string) {
    const found = await Promise.all(
      Array.from({ length: PLACES }, (_, place) => find(scope, namespace, place)),
    );
    const derived = await database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<Derived[]>`
        SELECT m.id, (SELECT count(*)::int FROM postings p
            WHERE p.tenant_id = m.tenant_id AND p.memory_id = m.id) AS postings,
          (SELECT bool_and(e.superseded) FROM embeddings e
            WHERE e.tenant_id = m.tenant_id AND e.memory_id = m.id) AS retired,
          (SELECT o.operation FROM index_outbox o JOIN embeddings e USING (tenant_id, entry_id)
            WHERE e.tenant_id = m.tenant_id AND e.memory_id = m.id
            ORDER BY o.id DESC LIMIT 1) AS last_task
        FROM memories m
        WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.namespace = ${namespace}`;
      const [counted] = await transaction.query<{ said: number; real: number }[]>`
        SELECT (SELECT memories::int FROM lexical_stats
            WHERE tenant_id = ${scope.tenantId}::uuid AND namespace = ${namespace}) AS said,
          (SELECT count(DISTINCT memory_id)::int FROM postings
            WHERE tenant_id = ${scope.tenantId}::uuid AND namespace = ${namespace}) AS real`;
      return { rows: new Map(rows.map((row) => [row.id, row])), counted };
    });
    return { memories: found.filter((memory) => memory !== undefined), ...derived };
  }

  async function expectIntervals(scope: TenantScope, namespace: string): Promise<void> {
    const { memories: all, rows, counted } = await everything(scope, namespace);
    const facts = all.filter((memory) => memory.slot !== null);
    for (const chain of Map.groupBy(facts, (memory) => memory.slot).values()) {
      const sorted = chain.toSorted(inOrder);
      expect(sorted.map(intervalOf)).toEqual(
        sorted.map((memory, position) => ({
          id: memory.id,
          valid_from: memory.valid_from,
          valid_to: sorted[position + 1]?.valid_from ?? null,
          superseded_by: sorted[position + 1]?.id ?? null,
        })),
      );
    }
    for (const memory of all) {
      const superseded = memory.superseded_by !== null;
      const { postings, retired, last_task: lastTask } = rows.get(memory.id) ?? NO_ROW;
      const inserted = lastTask === 'insert';
      expect({ superseded, indexed: postings > 0, retired, inserted }).toEqual({
        superseded,
        indexed: !superseded,
        retired: superseded,
        inserted: !superseded,
      });
    }
    expect(counted?.said ?? 0).toBe(counted?.real ?? 0);
    const listed = await list(scope, namespace);
    expect(listed.map(({ id }) => id).sort()).toEqual(
      all.flatMap((memory) => (memory.superseded_by === null ? [memory.id] : [])).sort(),
    );
  }

  it('P29 keeps one open interval a slot, and intervals that touch, whatever is written', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const namespace = uuidv7();
        for (const given of steps) {
          await take(ours, namespace, given);
          await expectIntervals(ours, namespace);
        }
      }),
      { numRuns: runs },
    );
  }, 300_000);

  it('P29 keeps them under many writers of one slot at once', async () => {
    const namespace = uuidv7();
    const days = Array.from({ length: writers }, (_, number) => (number * 7) % writers);
    await Promise.all(
      days.map((from, place) =>
        memories.store(ours, [
          draft(namespace, { coordinate: placed(place), slot: 'one', valid_from: time(from) }),
        ]),
      ),
    );
    const chain = await Promise.all(days.map((_, place) => find(ours, namespace, place)));
    const sorted = chain.filter((memory) => memory !== undefined).toSorted(inOrder);
    expect(sorted).toHaveLength(writers);
    expect(sorted.map(({ valid_to: to }) => to)).toEqual([
      ...sorted.slice(1).map(({ valid_from: from }) => from),
      null,
    ]);
    expect((await list(ours, namespace)).map(({ id }) => id)).toEqual([sorted.at(-1)?.id]);
  }, 300_000);

  it('P29 keeps them under writers, changers and deleters of few slots at once', async () => {
    const namespace = uuidv7();
    const steps = fc.sample(step, { numRuns: writers * 2, seed: 29 });
    const run = (some: readonly Step[]) =>
      Promise.all(some.map((given) => take(ours, namespace, given).catch(toleratingGone)));
    await run(steps);
    await expectIntervals(ours, namespace);
    // Without those that leave few behind.
    await run(steps.filter(({ kind }) => kind === 'store'));
    await expectIntervals(ours, namespace);
    // Who came last is left to chance: what is left takes the next facts as well.
    for (const from of [3, 1]) {
      const facts = [{ at: from, slot: 'ada.home', from }];
      await take(ours, namespace, { kind: 'store', facts });
      await expectIntervals(ours, namespace);
    }
    const { memories: left } = await everything(ours, namespace);
    expect(left.filter((memory) => memory.superseded_by !== null).length).toBeGreaterThan(0);
  }, 300_000);

  it('P29 replays at every moment what was known then, and was true when', async () => {
    const days = [undefined, 0, 2, 4];
    const picture = async (scope: TenantScope, namespace: string, knownAt?: Date) => {
      const asked = days.map((day) => (day === undefined ? undefined : new Date(time(day))));
      return Promise.all(asked.map((validAt) => list(scope, namespace, { knownAt, validAt })));
    };
    await fc.assert(
      fc.asyncProperty(fc.array(lasting, { minLength: 1, maxLength: 10 }), async (steps) => {
        const namespace = uuidv7();
        const pictures: { at: Date; seen: Memory[][] }[] = [];
        for (const given of steps) {
          await take(ours, namespace, given);
          pictures.push({ seen: await picture(ours, namespace), at: await momentAfter() });
        }
        for (const { at: then, seen } of pictures) {
          expect(await picture(ours, namespace, then)).toEqual(seen);
        }
        expect((await picture(theirs, namespace, new Date())).flat()).toEqual([]);
      }),
      { numRuns: runs },
    );
  }, 300_000);

  it("P29 is not moved by another tenant's facts of the same slot", async () => {
    const namespace = uuidv7();
    const [mine] = await memories.store(ours, [
      draft(namespace, { slot: 'one', valid_from: time(1) }),
    ]);
    await memories.store(theirs, [draft(namespace, { slot: 'one', valid_from: time(2) })]);
    await memories.store(ours, [draft(uuidv7(), { slot: 'one', valid_from: time(2) })]);
    if (mine?.kind !== 'stored') throw new Error('It was not stored.');
    expect((await list(ours, namespace)).map(intervalOf)).toEqual([
      { id: mine.memory.id, valid_from: time(1), valid_to: null, superseded_by: null },
    ]);
  });

  it('P29 lists what was true at a moment', async () => {
    const namespace = uuidv7();
    const stated = [3, 1, 2].map((from) =>
      draft(namespace, { slot: 'one', valid_from: time(from), content: `since ${from}` }),
    );
    await memories.store(ours, [...stated, draft(namespace, { content: 'always' })]);
    const contents = async (day: number) =>
      (await list(ours, namespace, { validAt: new Date(time(day)) }))
        .map(({ content }) => content)
        .sort();
    expect(await contents(0.5)).toEqual(['always']);
    expect(await contents(1)).toEqual(['always', 'since 1']);
    expect(await contents(2.5)).toEqual(['always', 'since 2']);
    expect(await contents(9)).toEqual(['always', 'since 3']);
    expect(await list(theirs, namespace, { validAt: new Date(time(1)) })).toEqual([]);
  });
}

interface Derived {
  id: string;
  postings: number;
  retired: boolean | null;
  last_task: string | null;
}

const NO_ROW = { postings: -1, retired: null, last_task: null };

const intervalOf = ({ id, valid_from, valid_to, superseded_by }: Memory) => ({
  id,
  valid_from,
  valid_to,
  superseded_by,
});

function inOrder(a: Memory, b: Memory): number {
  const [left, right] = [a, b].map(
    ({ valid_from: from, created_at: created, id }) => `${from} ${created} ${id}`,
  ) as [string, string];
  return left < right ? -1 : 1;
}

const embeddingFor = ({ content }: MemoryChanges) =>
  content === undefined ? {} : { embedding: { model: 'none', vector: new Float32Array([0, 1]) } };

/** Deleted by another between the look at it and the change. */
function toleratingGone(error: Error): void {
  if (!error.message.includes('There is no memory')) throw error;
}

function toleratingTaken(error: Error): void {
  if (!(error instanceof SomaError) || error.code !== 'COORDINATE_TAKEN') throw error;
}
