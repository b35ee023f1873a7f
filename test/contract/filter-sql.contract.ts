import { randomUUID } from 'node:crypto';
import { HeapCaches, memoryId, TenantScope, tenantId } from '@soma/core';
import { type Filter, filterPredicate, parseFilter } from '@soma/filter';
import { type Database, PostgresSearchRepository } from '@soma/persistence';
import { differentialFilters, differentialMemories } from './filter.corpus.js';
import { rowCipherOf } from './row-cipher-of.js';

export interface FilterSqlUnderTest {
  readonly kind: Database['kind'];
  open(): Promise<Database>;
  /** How many different filters to ask. */
  readonly filters: number;
}

const IN_ONE_TRANSACTION = 100;
const RUN_TIMEOUT_MS = 10 * 60_000;

/** What the database makes of a filter is what `matchesFilter` says, in every case. */
export function filterSqlContract({ kind, open, filters }: FilterSqlUnderTest): void {
  const corpus = differentialMemories().map((memory) => ({
    id: memoryId(randomUUID()),
    memory,
  }));
  const ids = corpus.map(({ id }) => id);
  let database: Database;
  let ours: TenantScope;

  const store = async (): Promise<TenantScope> => {
    const tenant = randomUUID();
    await database.withSystem((transaction) =>
      transaction.tenant.create({ data: { id: tenant, name: tenant } }),
    );
    const scope = TenantScope.of(tenantId(tenant));
    const rows = corpus.map(({ id, memory }) => ({
      ...memory,
      id,
      created_at: new Date(memory.created_at),
      updated_at: new Date(memory.updated_at),
      occurred_at: memory.occurred_at === null ? null : new Date(memory.occurred_at),
    }));
    await database.withTenant(
      scope,
      (transaction) => transaction.execute`
        INSERT INTO memories (tenant_id, id, namespace, coordinate, coordinate_values, memory_type,
          tier, content, payload, metadata, tags, importance, trust, session_id, speaker, occurred_at,
          created_at, updated_at)
        SELECT ${tenant}::uuid, id, 'default', coordinate, '{}', memory_type, tier, '', '{}',
          metadata, tags, importance, trust, session_id, speaker, occurred_at, created_at, updated_at
        FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r (id uuid, coordinate text,
          memory_type text, tier int, metadata jsonb, tags text[], importance float8, trust float8,
          session_id text, speaker text, occurred_at timestamptz, created_at timestamptz,
          updated_at timestamptz)`,
    );
    return scope;
  };

  beforeAll(async () => {
    database = await open();
    ours = await store();
  });
  afterAll(() => database.close());

  const asked = (filter: Filter) => ({ namespace: 'default', model: 'none', filter });

  it(
    `P5 lets pass just what the reference does, for ${filters} different filters`,
    async () => {
      expect(database.kind).toBe(kind);
      const repository = new PostgresSearchRepository(
        database,
        rowCipherOf(database),
        new HeapCaches(),
      );
      const generated = Object.values(differentialFilters(filters)).flat();
      expect(generated).toHaveLength(filters);
      const differences: object[] = [];
      let telling = 0;
      for (let from = 0; from < generated.length; from += IN_ONE_TRANSACTION) {
        await database.withTenant(ours, async () => {
          for (const json of generated.slice(from, from + IN_ONE_TRANSACTION)) {
            const filter = parseFilter(json);
            const matches = filterPredicate(filter);
            const wanted = new Set(corpus.filter(({ memory }) => matches(memory)));
            const found = new Set(
              (await repository.current(ours, asked(filter), ids)).map(({ id }) => id),
            );
            const wrong = corpus.find((entry) => wanted.has(entry) !== found.has(entry.id));
            if (wrong) differences.push({ json, wrong: wrong.memory });
            if (wanted.size > 0 && wanted.size < corpus.length) telling += 1;
          }
        });
      }
      expect(differences.slice(0, 5)).toEqual([]);
      // Those that some memories pass and others do not.
      expect(telling).toBeGreaterThan(filters / 3);
    },
    RUN_TIMEOUT_MS,
  );

  it('P5 lets nothing of another tenant pass', async () => {
    const stranger = TenantScope.of(tenantId(randomUUID()));
    const repository = new PostgresSearchRepository(
      database,
      rowCipherOf(database),
      new HeapCaches(),
    );
    for (const json of [{ tier: { gte: 0 } }, { tags: { nin: ['none'] } }]) {
      const filter = parseFilter(json);
      expect(await repository.current(ours, asked(filter), ids)).toHaveLength(corpus.length);
      expect(await repository.current(stranger, asked(filter), ids)).toEqual([]);
    }
  });
}
