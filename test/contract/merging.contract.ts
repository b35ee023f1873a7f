import { Clock, memoryId, parseCoordinate, tenantId, TenantScope } from '@soma/core';
import { COHESION } from '@soma/hierarchy';
import type { Memory, MemoryDraft } from '@soma/memory';
import { type Merge, planMerges } from '@soma/merging';
import {
  type Database,
  PostgresArchiveStore,
  PostgresHolds,
  PostgresMemoryDeletions,
  PostgresMemoryRepository,
  PostgresMergeStore,
} from '@soma/persistence';
import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { memoryDraft } from './memory-draft.js';
import { rowCipherOf } from './row-cipher-of.js';

const START = Date.parse('2026-01-01T00:00:00Z');
const MODEL = 'none';
const NAMESPACE = 'default';

/** Each moment is later than the one before. */
class PassingClock extends Clock {
  private at = START;

  now(): Date {
    return new Date((this.at += 1_000));
  }
}

/** Not what a memory is: who did what, what is to be done, and where the index has its vector. */
const NOT_COMPARED = ['audit_events', 'audit_memories', 'index_outbox', 'hierarchy_marks'];

const TEXTS = [
  'The user likes green tea a lot',
  'the user likes  green tea a lot!',
  'The user likes green tea a very lot',
  'The train leaves at 9 each morning',
  'The train leaves at 8 each morning',
] as const;

const life = fc.array(
  fc.record({
    text: fc.constantFrom(...TEXTS),
    session: fc.constantFrom(null, 'one', 'two'),
    angle: fc.integer({ min: 0, max: 40 }),
    pinned: fc.boolean(),
    never: fc.nat(5).map((n) => n === 0),
    changes: fc.nat(2),
    reads: fc.nat(2),
    linkTo: fc.option(fc.nat(20)),
  }),
  { minLength: 2, maxLength: 12 },
);

/** One without values. */
const statement = (text: string): TemplateStringsArray => Object.assign([text], { raw: [text] });

/** Merging, and its undoing, whatever the stack. */
export function mergingContract({ open }: { readonly open: () => Promise<Database> }): void {
  let database: Database;
  let memories: PostgresMemoryRepository;
  let sut: PostgresMergeStore;
  let ours: TenantScope;
  let theirs: TenantScope;
  const clock = new PassingClock();

  const newTenant = async (): Promise<TenantScope> => {
    const id = uuidv7();
    await database.withSystem(({ tenant }) => tenant.create({ data: { id, name: id } }));
    return TenantScope.of(tenantId(id));
  };
  beforeAll(async () => {
    database = await open();
    const cipher = rowCipherOf(database);
    memories = new PostgresMemoryRepository(database, clock, cipher);
    sut = new PostgresMergeStore(database, cipher);
  });
  beforeEach(async () => {
    [ours, theirs] = [await newTenant(), await newTenant()];
  });
  afterAll(() => database.close());

  const vectorAt = (degrees: number): MemoryDraft['embedding'] => {
    const angle = (degrees * Math.PI) / 180;
    return { model: MODEL, vector: new Float32Array([Math.cos(angle), Math.sin(angle)]) };
  };
  const store = async (scope: TenantScope, given: Partial<MemoryDraft> = {}): Promise<Memory> => {
    const draft = memoryDraft({ namespace: NAMESPACE, content: TEXTS[0], ...given });
    const [outcome] = await memories.store(scope, [draft]);
    if (outcome?.kind !== 'stored') throw new Error('It was not stored.');
    return outcome.memory;
  };
  const plan = async (scope: TenantScope): Promise<readonly Merge[]> => {
    const of = { namespace: NAMESPACE, model: MODEL };
    const page = await sut.page(scope, { ...of, after: undefined, limit: 1_000 });
    const behind = await sut.behind(scope, { ...of, ids: page.map(({ id }) => id) });
    return planMerges({ page, near: [], behind }, COHESION);
  };
  const mergeAll = async (scope: TenantScope): Promise<Merge[]> =>
    sut.merge(scope, NAMESPACE, await plan(scope), clock.now());
  const behindOf = async (scope: TenantScope, id: string): Promise<string[]> =>
    (await sut.list(scope, memoryId(id), { after: undefined, limit: 100 })).map((row) => row.id);
  const unmerge = async (scope: TenantScope, id: string): Promise<void> =>
    sut.restore(scope, memoryId(id), (await behindOf(scope, id)).map(memoryId), undefined);

  const listed = async (scope: TenantScope): Promise<string[]> => {
    const page = { namespace: NAMESPACE, sort: 'created_at', order: 'asc', limit: 100 } as const;
    return (await memories.list(scope, page)).map(({ id }) => id);
  };

  /** Every row of a tenant, by table; of a vector not where the index has it. */
  const rowsOf = (scope: TenantScope): Promise<Record<string, unknown[]>> =>
    database.withTenant(scope, async (transaction) => {
      const tables = await transaction.query<{ name: string }[]>`
        SELECT c.relname::text AS name FROM pg_class c JOIN pg_attribute a
          ON a.attrelid = c.oid AND a.attname = 'tenant_id'
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
          AND has_table_privilege(c.oid, 'SELECT') AND c.relname <> ALL (${NOT_COMPARED}::text[])
        ORDER BY 1`;
      expect(tables.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['archived_memories', 'links', 'memories', 'tenant_usage']),
      );
      const rows: Record<string, unknown[]> = {};
      for (const { name } of tables) {
        const found = await transaction.query<{ row: string }[]>(
          statement(
            `SELECT (to_jsonb(t) - 'entry_id' - 'indexed_at')::text AS row FROM "${name}" t`,
          ),
        );
        rows[name] = found.map(({ row }) => row).toSorted();
      }
      return rows;
    });

  it('is undone by unmerging: every row of every table is as it was', async () => {
    let merged = 0;
    await fc.assert(
      fc.asyncProperty(life, async (rows) => {
        const scope = await newTenant();
        const ids: string[] = [];
        for (const [at, row] of rows.entries()) {
          const coordinate = parseCoordinate(String(at));
          const target = row.linkTo === null || at === 0 ? undefined : row.linkTo % at;
          const given = {
            coordinate,
            content: row.text,
            session_id: row.session,
            pinned: row.pinned,
            dedup: row.never ? ('never' as const) : ('allow' as const),
            embedding: vectorAt(row.angle),
            tags: ['tea'],
          };
          const links =
            target === undefined
              ? []
              : [
                  {
                    to_coord: String(target),
                    to: parseCoordinate(String(target)),
                    link_type: 'next',
                    strength: 0.5,
                    metadata: { why: at },
                  },
                ];
          const { id } = await store(scope, { ...given, links });
          for (let change = 0; change < row.changes; change += 1) {
            await memories.update(scope, memoryId(id), { importance: change / 10 });
          }
          for (let read = 0; read < row.reads; read += 1) {
            await memories.access(scope, { kind: 'id', id: memoryId(id) }, clock.now());
          }
          ids.push(id);
        }
        const before = await rowsOf(scope);
        const done = await mergeAll(scope);
        merged += done.length;
        const gone = done.flatMap(({ members }) => members.map(({ id }) => id));
        expect((await listed(scope)).toSorted()).toEqual(
          ids.filter((id) => !gone.includes(id)).toSorted(),
        );
        for (const { kept } of done) await unmerge(scope, kept.id);
        expect(await rowsOf(scope)).toEqual(before);
      }),
      { numRuns: 15, seed: 15 },
    );
    // Of that seed: by chance there may be fewer.
    expect(merged).toBeGreaterThan(5);
  }, 300_000);

  describe('merges', () => {
    it('into the oldest those of its kind, and nothing of another tenant', async () => {
      const kept = await store(ours);
      const same = await store(ours, { content: TEXTS[1] });
      const other = await store(ours, { content: TEXTS[3] });
      const foreign = [await store(theirs), await store(theirs, { content: TEXTS[1] })];
      const done = await mergeAll(ours);
      expect(done.map(({ kept: { id }, members }) => [id, members.map((m) => m.id)])).toEqual([
        [kept.id, [same.id]],
      ]);
      expect(await listed(ours)).toEqual([kept.id, other.id]);
      expect(await behindOf(ours, kept.id)).toEqual([same.id]);
      expect(await memories.standInOf(ours, memoryId(same.id))).toBe(kept.id);
      expect(await listed(theirs)).toEqual(foreign.map(({ id }) => id));
      expect(await behindOf(theirs, kept.id)).toEqual([]);
      expect(await memories.standInOf(theirs, memoryId(same.id))).toBeUndefined();
      await sut.restore(theirs, memoryId(kept.id), [memoryId(same.id)], undefined);
      expect(await behindOf(ours, kept.id)).toEqual([same.id]);
      const planned = await plan(theirs);
      expect(await sut.merge(ours, NAMESPACE, planned, clock.now())).toEqual([]);
      expect(await listed(theirs)).toHaveLength(2);
    });

    it.each<[string, Partial<MemoryDraft>]>([
      ['type', { memory_type: 'semantic' }],
      ['trust', { trust: 0.5 }],
      ['speaker', { speaker: 'Ada' }],
      ['session', { session_id: 'another' }],
      ['time', { occurred_at: '2026-01-01T00:00:00.000Z' }],
      ['tag', { tags: ['x'] }],
      ['metadata', { metadata: { user: 'u-2' } }],
      ['namespace', { namespace: 'another' }],
      ['life', { expires_at: '2999-01-01T00:00:00.000Z' }],
      ['wish to be merged', { dedup: 'never' }],
      ['slot', { slot: 'user.drink' }],
      ['prediction', { prediction: 'She will ask for tea.' }],
    ])('none of another %s', async (_what, given) => {
      await store(ours);
      await store(ours, given);
      expect(await mergeAll(ours)).toEqual([]);
      await store(ours);
      expect(await mergeAll(ours)).toHaveLength(1);
    });

    it('none of another writer', async () => {
      const by = (tokenId: string) =>
        TenantScope.of(ours.tenantId, undefined, { tokenId, trust: 1, quarantined: false });
      await store(by('one'));
      await store(by('two'));
      expect(await mergeAll(ours)).toEqual([]);
    });

    it('facts of any session', async () => {
      const fact = { memory_type: 'semantic' as const };
      await store(ours, { ...fact, session_id: 'one' });
      await store(ours, { ...fact, session_id: 'two' });
      expect(await mergeAll(ours)).toHaveLength(1);
    });

    it('no pinned one and no held one away, but others into them', async () => {
      const holds = new PostgresHolds(database);
      const first = await store(ours);
      const pinned = await store(ours, { pinned: true });
      const held = await store(ours);
      await holds.place(ours, memoryId(held.id), { reason: 'a case', placedAt: clock.now() });
      const [merge, ...others] = await mergeAll(ours);
      expect(others).toEqual([]);
      expect([merge?.kept.id, merge?.members.map(({ id }) => id)]).toEqual([pinned.id, [first.id]]);
      expect(await listed(ours)).toEqual([pinned.id, held.id]);
    });

    it('nothing of a cluster of which something changed since it was read', async () => {
      const [, second] = [await store(ours), await store(ours)];
      const planned = await plan(ours);
      await memories.update(ours, memoryId(second.id), { content: 'It says something else.' });
      expect(await sut.merge(ours, NAMESPACE, planned, clock.now())).toEqual([]);
    });

    it('nothing behind what another run has merged with meanwhile', async () => {
      const first = await store(ours);
      const members = [await store(ours), await store(ours)];
      const [planned] = await plan(ours);
      if (!planned) throw new Error('Nothing was planned.');
      expect(planned.members.map(({ id }) => id)).toEqual(members.map(({ id }) => id));
      const [one, other] = planned.members.map((member) => ({ ...planned, members: [member] }));
      if (!one || !other) throw new Error('Two were to be merged.');
      expect(await sut.merge(ours, NAMESPACE, [one], clock.now())).toEqual([one]);
      expect(await sut.merge(ours, NAMESPACE, [other], clock.now())).toEqual([]);
      expect(await behindOf(ours, first.id)).toEqual([members[0]?.id]);
      expect(await mergeAll(ours)).toHaveLength(1);
      expect(await behindOf(ours, first.id)).toHaveLength(2);
    });

    it('never A with C over B, also when B stands behind A already', async () => {
      const texts = ['nearly the very same words', 'nearly the very same few words'] as const;
      const a = await store(ours, { content: texts[0], embedding: vectorAt(0) });
      const b = await store(ours, { content: texts[1], embedding: vectorAt(20) });
      expect(await mergeAll(ours)).toHaveLength(1);
      const c = await store(ours, { content: 'nearly the same words', embedding: vectorAt(40) });
      expect(await mergeAll(ours)).toEqual([]);
      const d = await store(ours, { content: 'nearly same words', embedding: vectorAt(-20) });
      expect(await mergeAll(ours)).toEqual([]);
      expect(await behindOf(ours, a.id)).toEqual([b.id]);
      expect(await listed(ours)).toEqual([a.id, c.id, d.id]);
    });

    it('two that others were merged into, with what stands behind them; undone as one', async () => {
      const vector = { embedding: vectorAt(0) };
      const a = await store(ours, { ...vector, speaker: 'Ada' });
      const b = await store(ours, { ...vector, speaker: 'Ada' });
      const c = await store(ours, vector);
      const d = await store(ours, vector);
      expect(await mergeAll(ours)).toHaveLength(2);
      await memories.update(ours, memoryId(a.id), { speaker: null });
      expect(await mergeAll(ours)).toHaveLength(1);
      expect(await listed(ours)).toEqual([a.id]);
      expect(await behindOf(ours, a.id)).toEqual([b.id, c.id, d.id].toSorted());
      await unmerge(ours, a.id);
      expect(await listed(ours)).toEqual([a.id, b.id, c.id, d.id]);
    });
  });

  it('puts one back elsewhere when its coordinate is taken by now', async () => {
    const kept = await store(ours);
    const coordinate = parseCoordinate('7');
    const member = await store(ours, { coordinate });
    await mergeAll(ours);
    await store(ours, { coordinate, content: 'It says something else.' });
    const [into, ids] = [memoryId(kept.id), [memoryId(member.id)]];
    await expect(sut.restore(ours, into, ids, undefined)).rejects.toMatchObject({
      code: 'COORDINATE_TAKEN',
    });
    await sut.restore(ours, into, ids, parseCoordinate('8'));
    const found = await memories.find(ours, { kind: 'id', id: memoryId(member.id) });
    expect(found).toMatchObject({ coordinate: '8', version: 1, content: TEXTS[0] });
  });

  it('is no matter of the archive: neither listed, nor restored, nor purged there', async () => {
    const archive = new PostgresArchiveStore(database, rowCipherOf(database));
    const kept = await store(ours);
    const member = await store(ours);
    await mergeAll(ours);
    const question = { kind: 'memory', namespace: undefined, limit: 10, after: undefined } as const;
    expect(await archive.list(ours, question)).toEqual([]);
    expect(await archive.restoreMemory(ours, member.id, undefined)).toBeUndefined();
    expect(await archive.overdue(ours, new Date('9999-01-01'), 10)).toEqual([]);
    expect(await behindOf(ours, kept.id)).toEqual([member.id]);
  });

  it('goes with the memory that is kept, and is named in the audit of it', async () => {
    const deletions = new PostgresMemoryDeletions(database);
    const [kept, member] = [await store(ours), await store(ours)];
    const other = await store(theirs);
    await mergeAll(ours);
    const target = { kind: 'ids', ids: [memoryId(kept.id), memoryId(other.id)] } as const;
    expect(await deletions.begin(ours, { kind: 'memories', target })).toMatchObject({
      deleted: 2,
      done: true,
    });
    const rows = await rowsOf(ours);
    const { deletion_memories: receipts = [], ...left } = rows;
    expect(receipts).toHaveLength(2);
    expect(JSON.stringify(left)).not.toContain(member.id);
    expect(await listed(theirs)).toEqual([other.id]);
    const told = await database.withTenant(
      ours,
      (transaction) => transaction.query<{ ids: string[] }[]>`
        SELECT memory_ids AS ids FROM audit_events WHERE action = 'memories.delete'`,
    );
    expect(told).toEqual([{ ids: [kept.id, member.id] }]);
  });
}
