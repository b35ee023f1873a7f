import { Clock, tenantId, TenantScope } from '@soma/core';
import { FADING_TYPES, halfLifeMsOf, salienceAt } from '@soma/hierarchy';
import { type Database, PostgresDecayStore, PostgresMemoryRepository } from '@soma/persistence';
import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { memoryDraft } from './memory-draft.js';
import { rowCipherOf } from './row-cipher-of.js';

const DAY_MS = 86_400_000;
const START = Date.parse('2026-01-01T00:00:00Z');

class SetClock extends Clock {
  at = new Date(START);

  now(): Date {
    return this.at;
  }
}

const halfLives = fc.record({
  days: fc.record({
    episodic: fc.double({ min: 0.5, max: 400, noNaN: true }),
    semantic: fc.double({ min: 0.5, max: 400, noNaN: true }),
    summary: fc.constant(0),
    procedural: fc.double({ min: 0.5, max: 400, noNaN: true }),
  }),
  tierGrowth: fc.double({ min: 1, max: 10, noNaN: true }),
});

/** One formula, in two languages. */
export function salienceContract({ open }: { readonly open: () => Promise<Database> }): void {
  const ours = TenantScope.of(tenantId(uuidv7()));
  const theirs = TenantScope.of(tenantId(uuidv7()));
  const clock = new SetClock();
  let database: Database;
  let sut: PostgresDecayStore;
  let memories: PostgresMemoryRepository;

  beforeAll(async () => {
    database = await open();
    const cipher = rowCipherOf(database);
    sut = new PostgresDecayStore(database, cipher);
    memories = new PostgresMemoryRepository(database, clock, cipher);
    for (const { tenantId: id } of [ours, theirs]) {
      await database.withSystem(({ tenant }) => tenant.create({ data: { id, name: id } }));
    }
    for (let n = 0; n < 60; n++) {
      clock.at = new Date(START + ((n * 7919) % 200) * (DAY_MS / 7));
      const importance = n % 10 === 0 ? 10 ** -(n * 5) : ((n * 37) % 101) / 100;
      const memory_type = FADING_TYPES[n % 4] ?? 'episodic';
      const draft = memoryDraft({ namespace: 'default', importance, memory_type });
      const [outcome] = await memories.store(ours, [draft]);
      if (outcome?.kind !== 'stored') throw new Error('It was not stored.');
      for (let use = 0; use < n % 5; use++) {
        const at = new Date(clock.at.getTime() + use * 3.3 * DAY_MS);
        await memories.access(ours, { kind: 'id', id: draft.id }, at);
      }
    }
  });
  afterAll(() => database.close());

  it('gives the salience of the formula at any moment, under any half-lives', async () => {
    const page = { namespace: 'default', sort: 'coordinate', order: 'asc', limit: 100 } as const;
    const stored = await memories.list(ours, page);
    expect(stored).toHaveLength(60);
    const days = fc.oneof(fc.integer({ min: -10, max: 900 }), fc.constant(400_000));
    await fc.assert(
      fc.asyncProperty(halfLives, days, async (given, day) => {
        const at = new Date(START + day * DAY_MS + 1);
        const thresholds = [{ idleMs: -1e15, below: Infinity }];
        const question = {
          at,
          halfLives: given,
          thresholds,
          namespace: undefined,
          after: undefined,
        };
        const found = await sut.candidates(ours, { ...question, limit: 100 });
        expect(found).toHaveLength(60);
        const byId = new Map(stored.map((memory) => [memory.id, memory]));
        for (const { id, salience } of found) {
          const memory = byId.get(id);
          if (!memory) throw new Error('A candidate is no memory.');
          const used = memory.last_accessed_at;
          const expected = salienceAt(
            {
              importance: memory.importance,
              createdAt: Date.parse(memory.created_at),
              accessCount: memory.access_count,
              lastAccessedAt: used === null ? undefined : Date.parse(used),
              pinned: memory.pinned,
              halfLifeMs: halfLifeMsOf(given, memory.memory_type, memory.tier),
            },
            at.getTime(),
          );
          expect(Math.abs(salience - expected)).toBeLessThanOrEqual(1e-12 * expected + 1e-60);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('gives nothing of another tenant', async () => {
    const question = {
      at: new Date(),
      halfLives: { days: { episodic: 1, semantic: 1, summary: 1, procedural: 1 }, tierGrowth: 1 },
      thresholds: [{ idleMs: 0, below: Infinity }],
      namespace: undefined,
      after: undefined,
      limit: 100,
    };
    expect(await sut.candidates(theirs, question)).toEqual([]);
  });

  it('keeps every column of what it archives', async () => {
    const columnsOf = (table: string) =>
      database.withTenant(
        ours,
        (transaction) =>
          transaction.query<{ name: string; type: string; generated: string }[]>`
          SELECT attname::text AS name, atttypid::regtype::text AS type,
            attgenerated::text AS generated
          FROM pg_attribute
          WHERE attrelid = ${table}::text::regclass AND attnum > 0 AND NOT attisdropped`,
      );
    for (const [live, archived] of [
      ['memories', 'archived_memories'],
      ['memory_versions', 'archived_versions'],
      ['embeddings', 'archived_embeddings'],
      ['links', 'archived_links'],
    ] as const) {
      expect(await columnsOf(archived)).toEqual(expect.arrayContaining(await columnsOf(live)));
    }
  });
}
