import { randomUUID } from 'node:crypto';
import { TenantScope, tenantId } from '@soma/core';
import type { Database } from '@soma/persistence';
import {
  type RowIds,
  statement,
  type TableOfTenants,
  TENANT_TABLES,
  type TenantTransaction,
} from './isolation.rows.js';

export interface IsolationUnderTest {
  open(): Promise<Database>;
  /** How many mixed reads, and how many at once. */
  readonly reads: number;
  readonly atOnce: number;
}

interface Owner {
  readonly scope: TenantScope;
  readonly tenant: string;
  readonly mark: string;
  readonly rows: readonly RowIds[];
}

const ROWS_EACH = 20;
const RUN_TIMEOUT_MS = 10 * 60_000;

/** What the database promises by itself, whatever the code above it asks. */
export function isolationContract({ open, reads, atOnce }: IsolationUnderTest): void {
  let database: Database;
  let ours: Owner;
  let theirs: Owner;

  beforeAll(async () => {
    database = await open();
    [ours, theirs] = [await anOwner(database, 'ours'), await anOwner(database, 'theirs')];
  });
  afterAll(() => database.close());

  /** Rows of a statement run as `owner`. */
  const ask = (owner: Owner, sql: string): Promise<Record<string, unknown>[]> =>
    database.withTenant(owner.scope, (transaction) => rowsOf(transaction, sql));
  /** How many rows a statement run as `owner` wrote. */
  const write = (owner: Owner, sql: string): Promise<number> =>
    database.withTenant(owner.scope, (transaction) => transaction.execute(statement(sql)));
  /** Runs a statement in the tenant's role, of which no tenant is set any more. */
  const askAsNobody = (sql: string): Promise<Record<string, unknown>[]> =>
    database.withTenant(ours.scope, async (transaction) => {
      await transaction.query(statement("SELECT set_config('app.tenant', '', true)"));
      return rowsOf(transaction, sql);
    });
  const askAsSystem = (sql: string): Promise<unknown[]> =>
    database.withSystem((transaction) => transaction.$queryRawUnsafe<unknown[]>(sql));

  it('P42 forces row-level security, with a policy, on every table', async () => {
    const tables = await ask(
      ours,
      `SELECT c.relname AS name, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
         EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid) AS has_policy
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relname <> '_prisma_migrations'
       ORDER BY 1`,
    );
    const names = [
      ...TENANT_TABLES.map(({ name }) => name),
      'embedding_models',
      'reconcile_report',
      'reconcile_turn',
      'tenants',
      'tokens',
    ].sort();
    expect(tables).toEqual(
      names.map((name) => ({ name, enabled: true, forced: true, has_policy: true })),
    );
  });

  it('P42 compares the tenant in what a tenant may see and in what it may write', async () => {
    const policies = await ask(
      ours,
      `SELECT tablename AS name, cmd, permissive, qual = with_check AS same,
         qual LIKE '(tenant_id = (NULLIF(current_setting(''app.tenant''%' AS compares
       FROM pg_policies WHERE schemaname = 'public' AND 'soma_app' = ANY (roles)
         AND tablename <> 'embedding_models' ORDER BY 1`,
    );
    expect(policies).toEqual(
      TENANT_TABLES.map(({ name }) => name)
        .sort()
        .map((name) => ({
          name,
          cmd: 'ALL',
          permissive: 'PERMISSIVE',
          same: true,
          compares: true,
        })),
    );
  });

  it('P42 shows tenants the names of the embedding models in use, to read only', async () => {
    const grants = await ask(
      ours,
      `SELECT column_name AS name, privilege_type AS may FROM information_schema.column_privileges
       WHERE table_name = 'embedding_models' AND grantee = 'soma_app' ORDER BY 1, 2`,
    );
    expect(grants).toEqual([
      { name: 'model', may: 'SELECT' },
      { name: 'state', may: 'SELECT' },
    ]);
    await expect(write(ours, `UPDATE embedding_models SET state = 'retired'`)).rejects.toThrow(
      'permission denied',
    );
  });

  it('P42 gives its roles no way around row-level security', async () => {
    const roles = await ask(
      ours,
      `SELECT r.rolname AS name, r.rolsuper AS superuser, r.rolbypassrls AS bypasses,
         r.rolcanlogin AS login, r.rolcreaterole AS grants,
         EXISTS (SELECT 1 FROM pg_class c WHERE c.relowner = r.oid) AS owns
       FROM pg_roles r WHERE r.rolname IN ('soma_app', 'soma_scoped', 'soma_system') ORDER BY 1`,
    );
    const none = { superuser: false, bypasses: false, login: false, grants: false, owns: false };
    expect(roles).toEqual([
      { name: 'soma_app', ...none },
      { name: 'soma_scoped', ...none },
      { name: 'soma_system', ...none },
    ]);
  });

  it('P42 narrows every table that holds part of a memory to the namespaces of the token', async () => {
    const narrowed = await ask(
      ours,
      `SELECT tablename AS name FROM pg_policies WHERE schemaname = 'public'
         AND permissive = 'RESTRICTIVE' AND cmd = 'ALL' AND roles = '{soma_scoped}' ORDER BY 1`,
    );
    const names = TENANT_TABLES.map(({ name }) => name).filter(
      (name) => !OF_NO_NAMESPACE.has(name),
    );
    expect(narrowed).toEqual(names.sort().map((name) => ({ name })));
  });

  it('P42 shows a token that is kept to namespaces nothing of another', async () => {
    const kept = (namespaces: readonly string[], sql: string) =>
      database.withTenant(TenantScope.of(tenantId(ours.tenant), namespaces), (transaction) =>
        rowsOf(transaction, sql),
      );
    const outside = ['of no memory', `x'); RESET ROLE; --`];
    for (const { name } of TENANT_TABLES.filter((table) => !OF_NO_NAMESPACE.has(table.name))) {
      expect(await kept(outside, `SELECT * FROM ${name}`)).toEqual([]);
      expect(await kept([], `SELECT * FROM ${name}`)).toEqual([]);
    }
    for (const name of ['memories', 'memory_versions', 'embeddings', 'postings', 'links']) {
      expect(await kept(['default'], `SELECT * FROM ${name}`)).toHaveLength(ROWS_EACH);
    }
    expect(await kept(['ours'], 'SELECT name FROM locks')).toEqual([{ name: 'ours' }]);
    for (const table of TENANT_TABLES.filter(({ name }) => CHECKED_ON_WRITE.has(name))) {
      await expect(kept(outside, table.insert(ours.tenant, newIds(ours), 'new'))).rejects.toThrow(
        /row-level security/,
      );
    }
  });

  describe.each(TENANT_TABLES.map((table) => [table.name, table] as const))('%s', (name, table) => {
    it("P42 shows a tenant its own rows and none of another's", async () => {
      expect(await ask(ours, `SELECT DISTINCT tenant_id FROM ${name}`)).toEqual([
        { tenant_id: ours.tenant },
      ]);
      const picked = `SELECT tenant_id FROM ${name} WHERE ${keyOf(table, theirs)}`;
      expect(await ask(ours, picked)).toEqual([]);
      expect(await ask(theirs, picked)).toEqual([{ tenant_id: theirs.tenant }]);
    });

    it('P42 shows no row, and takes none, while no tenant is set', async () => {
      expect(await askAsNobody(`SELECT * FROM ${name}`)).toEqual([]);
      await expect(askAsNobody(table.insert(ours.tenant, newIds(ours), 'x'))).rejects.toThrow(
        /row-level security/,
      );
    });

    it("P42 changes and deletes none of another tenant's rows", async () => {
      const key = keyOf(table, theirs);
      const own = keyOf(table, ours);
      const update = (where: string) => `UPDATE ${name} SET ${table.change} WHERE ${where}`;
      const remove = (where: string) => `DELETE FROM ${name} WHERE ${where}`;
      if (!table.denied?.includes('UPDATE')) expect(await write(ours, update(key))).toBe(0);
      if (!table.denied?.includes('DELETE')) expect(await write(ours, remove(key))).toBe(0);
      expect(await ask(theirs, `SELECT tenant_id FROM ${name} WHERE ${key}`)).toHaveLength(1);
      for (const denied of table.denied ?? []) {
        const sql = denied === 'UPDATE' ? update(own) : remove(own);
        await expect(write(ours, sql)).rejects.toThrow(/permission denied/);
      }
      if (!table.denied?.includes('UPDATE')) expect(await write(ours, update(own))).toBe(1);
    });

    it('P42 takes no row in the name of another tenant', async () => {
      await expect(
        write(ours, table.insert(theirs.tenant, theirs.rows[1] ?? newIds(theirs), 'planted')),
      ).rejects.toThrow(/row-level security/);
      await expect(
        write(
          ours,
          `UPDATE ${name} SET tenant_id = '${theirs.tenant}' WHERE ${keyOf(table, ours)}`,
        ),
      ).rejects.toThrow(
        table.denied?.includes('UPDATE') ? /permission denied/ : /row-level security/,
      );
      const planted = (await ask(theirs, `SELECT * FROM ${name}`)).filter((row) =>
        Object.values(row).includes('planted'),
      );
      expect(planted).toEqual([]);
    });
  });

  it('P42 keeps memories, and what is derived from them, from the system role', async () => {
    for (const { name } of TENANT_TABLES.filter((table) => !SYSTEM_TABLES.has(table.name))) {
      await expect(askAsSystem(`SELECT * FROM ${name}`)).rejects.toThrow(/permission denied/);
      await expect(askAsSystem(`DELETE FROM ${name}`)).rejects.toThrow(/permission denied/);
    }
    expect(await askAsSystem('SELECT entry_id FROM index_outbox')).not.toEqual([]);
  });

  it('P42 keeps answers under idempotency keys from the system role', async () => {
    await expect(askAsSystem('SELECT response FROM idempotency_keys')).rejects.toThrow(
      /permission denied/,
    );
    const old = "DELETE FROM idempotency_keys WHERE created_at < now() - interval '24 hours'";
    expect(await askAsSystem(old)).toEqual([]);
    expect(await ask(ours, 'SELECT key FROM idempotency_keys')).toHaveLength(ROWS_EACH);
  });

  it('P42 keeps tenants and tokens from the role that works for a tenant', async () => {
    for (const table of ['tenants', 'tokens']) {
      await expect(ask(ours, `SELECT * FROM ${table}`)).rejects.toThrow(/permission denied/);
    }
    const tenants = await askAsSystem('SELECT id FROM tenants');
    expect(tenants).toEqual(expect.arrayContaining([{ id: ours.tenant }, { id: theirs.tenant }]));
  });

  it('P42 lets the role that works for a tenant change no table, policy or role', async () => {
    for (const sql of [
      'ALTER TABLE memories DISABLE ROW LEVEL SECURITY',
      'DROP POLICY tenant_isolation ON memories',
      'CREATE TABLE planted (id int)',
      'TRUNCATE memories',
      'ALTER ROLE soma_app BYPASSRLS',
    ]) {
      await expect(write(ours, sql)).rejects.toThrow(/permission denied|must be owner|must be/);
    }
  });

  it('P42 refuses a scope that is no tenant id, and a second tenant in a transaction', async () => {
    const injected = TenantScope.of(tenantId(`${ours.tenant}', true); RESET ROLE; --`));
    await expect(
      Promise.resolve().then(() => database.withTenant(injected, () => Promise.resolve())),
    ).rejects.toThrow('A tenant scope holds no tenant id.');
    const nested = (inner: () => Promise<unknown>): Promise<unknown> =>
      database.withTenant(ours.scope, async () => inner());
    await expect(
      nested(async () => database.withTenant(theirs.scope, () => Promise.resolve())),
    ).rejects.toThrow('A transaction of one tenant cannot be joined with another scope.');
    await expect(nested(async () => database.withSystem(() => Promise.resolve()))).rejects.toThrow(
      'System work cannot run inside a tenant transaction.',
    );
  });

  it('P42 forgets the tenant with the transaction, also with one that fails', async () => {
    for (let turn = 0; turn < atOnce; turn += 1) {
      await expect(ask(ours, 'SELECT 1 / 0')).rejects.toThrow(/division by zero/);
    }
    const left = await Promise.all(
      Array.from({ length: atOnce }, () =>
        askAsSystem("SELECT current_setting('app.tenant', true) AS tenant, current_user AS role"),
      ),
    );
    expect(left.flat()).toEqual(left.map(() => ({ tenant: '', role: 'soma_system' })));
  });

  it(
    `P42 gives no foreign row in ${reads} mixed reads, ${atOnce} at once`,
    async () => {
      const counts = { own: 0, foreign: 0, wrong: 0 };
      let next = 0;
      const reader = async (): Promise<void> => {
        while (next < reads) {
          const number = next++;
          const [reader, owner] = [pick([ours, theirs], number), pick([ours, theirs], number >> 1)];
          const id = pick(owner.rows, number * 7)?.memory ?? '';
          const rows = await database.withTenant(
            reader.scope,
            (transaction) => transaction.query<{ content: string }[]>`
              SELECT m.content FROM memories m WHERE m.id = ${id}::uuid`,
          );
          const expected = reader === owner ? [{ content: owner.mark }] : [];
          if (JSON.stringify(rows) !== JSON.stringify(expected)) counts.wrong += 1;
          counts[reader === owner ? 'own' : 'foreign'] += 1;
        }
      };
      await Promise.all(Array.from({ length: atOnce }, reader));
      expect(counts).toEqual({ own: reads / 2, foreign: reads / 2, wrong: 0 });
    },
    RUN_TIMEOUT_MS,
  );

  it(
    "P42 answers each of the merged findUnique calls of Prisma with its own caller's row",
    async () => {
      const asked = Array.from({ length: reads / 20 }, (_, number) => pick([ours, theirs], number));
      let next = 0;
      let wrong = 0;
      const reader = async (): Promise<void> => {
        for (let owner = asked[next++]; owner; owner = asked[next++]) {
          const where = { id: owner.tenant };
          const [tenant, token] = await database.withSystem(async (transaction) =>
            Promise.all([
              transaction.tenant.findUnique({ where }),
              transaction.token.findUnique({ where }),
            ]),
          );
          if (tenant?.name !== owner.tenant || token !== null) wrong += 1;
        }
      };
      await Promise.all(Array.from({ length: atOnce }, reader));
      expect({ wrong, asked: asked.length }).toEqual({ wrong: 0, asked: reads / 20 });
    },
    RUN_TIMEOUT_MS,
  );
}

/** Tables whose rows show nothing of a memory. */
const OF_NO_NAMESPACE = new Set([
  'index_outbox',
  'idempotency_keys',
  'tenant_usage',
  'usage_days',
  'answered_memories',
  'deletions',
  'deletion_memories',
  'audit_events',
  'audit_memories',
  'tenant_keys',
  'tenant_encryption',
  'decay_policies',
]);
/** Of the others, all but the versions: their memory is written in the same statement. */
const CHECKED_ON_WRITE = new Set([
  'memories',
  'facts',
  'embeddings',
  'postings',
  'lexical_stats',
  'session_stats',
  'links',
  'locks',
]);

/** Tables of which the system role may see a part, for indexing and for expiry. */
const SYSTEM_TABLES = new Set([
  'decay_policies',
  'index_outbox',
  'idempotency_keys',
  'deletions',
  'audit_events',
  'audit_memories',
]);

async function anOwner(database: Database, name: string): Promise<Owner> {
  const tenant = randomUUID();
  await database.withSystem((transaction) =>
    transaction.tenant.create({ data: { id: tenant, name: tenant } }),
  );
  const scope = TenantScope.of(tenantId(tenant));
  const rows = Array.from({ length: ROWS_EACH }, () => anyIds(tenant));
  await database.withTenant(scope, async (transaction) => {
    for (const [number, ids] of rows.entries()) {
      // The first row bears the owner's mark in its key; the others must only differ.
      for (const table of TENANT_TABLES) {
        const mark = UNIQUE_MARK.has(table.name) && number > 0 ? `${name}-${number}` : name;
        await transaction.execute(statement(table.insert(tenant, ids, mark)));
      }
    }
  });
  return { scope, tenant, mark: name, rows };
}

/** Tables whose key is the mark itself. */
const UNIQUE_MARK = new Set([
  'lexical_stats',
  'session_stats',
  'idempotency_keys',
  'locks',
  'tenant_keys',
  'hierarchy_marks',
  'hierarchy_turns',
]);

const anyIds = (tenant: string): RowIds => ({
  tenant,
  memory: randomUUID(),
  entry: randomUUID(),
  link: randomUUID(),
});

/** Ids of a row yet to be inserted, of a memory that exists. */
const newIds = ({ tenant, rows }: Owner): RowIds => ({
  ...anyIds(tenant),
  memory: rows[0]?.memory ?? '',
});

function keyOf(table: TableOfTenants, { rows, mark }: Owner): string {
  const [first] = rows;
  if (!first) throw new Error('An owner has no rows.');
  return table.key(first, mark);
}

function rowsOf(transaction: TenantTransaction, sql: string): Promise<Record<string, unknown>[]> {
  return transaction.query<Record<string, unknown>[]>(statement(sql));
}

function pick<Item>(items: readonly Item[], number: number): Item {
  const item = items[number % items.length];
  if (item === undefined) throw new Error('There is nothing to pick from.');
  return item;
}
