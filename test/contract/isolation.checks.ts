import { randomUUID } from 'node:crypto';
import type { IsolationCheck, RawConnection, TwoTenants } from './isolation-check.js';
import { type RowIds, TENANT_TABLES, type TableOfTenants } from './isolation.rows.js';
import { A_MODEL, ownerChecks } from './owner.checks.js';

type Outcome = { rows: number } | { error: string };

interface Caller {
  readonly role: 'soma_app' | 'soma_scoped' | 'soma_system';
  readonly tenant?: string;
  readonly namespaces?: readonly string[];
}

/** Tables of which rows belong to a namespace, and those of them that a new row is held against. */
const NARROWED = new Set([
  'memories',
  'facts',
  'memory_versions',
  'embeddings',
  'postings',
  'lexical_stats',
  'session_stats',
  'links',
  'locks',
  'quarantined_writes',
  'legal_holds',
  'memory_feedback',
  'decayed_fields',
  'archived_memories',
  'archived_versions',
  'archived_embeddings',
  'archived_links',
  'memory_sources',
  'hierarchy_items',
  'hierarchy_marks',
  'hierarchy_turns',
]);
/** Of both ends' namespaces: a token that is kept to some sees none. */
const HIDDEN_FROM_KEPT_TOKENS = new Set(['archived_links']);
/** A version's memory is written in the same statement, where no check could see it. */
const checksNewRows = (name: string): boolean => NARROWED.has(name) && name !== 'memory_versions';

const ELSEWHERE = ['elsewhere'];
const ROW_LEVEL_SECURITY = /row-level security/;
const DENIED = /permission denied/;

/** A row of each table for each of two tenants. */
export async function plantTwoTenants(connection: RawConnection): Promise<TwoTenants> {
  const [ours, theirs] = [anyIds(), anyIds()];
  for (const [ids, mark] of [
    [ours, 'ours'],
    [theirs, 'theirs'],
  ] as const) {
    const { tenant } = ids;
    await connection.run(`INSERT INTO tenants (id, name) VALUES ('${tenant}', '${tenant}')`);
    for (const table of TENANT_TABLES) await connection.run(table.insert(tenant, ids, mark));
  }
  return { ours, theirs };
}

/** Every check, those of the named table first. */
export function isolationChecks(first: string): IsolationCheck[] {
  const checks = [
    ...TENANT_TABLES.flatMap((table) => [...checksOfTenants(table), ...checksOfScopes(table)]),
    ...checksOfSystem(),
    forcedEverywhere,
    ...ownerChecks(first === '' ? TENANT_TABLES.map(({ name }) => name) : [first]),
  ];
  return checks.toSorted((a, b) => Number(b.table === first) - Number(a.table === first));
}

function checksOfTenants(table: TableOfTenants): IsolationCheck[] {
  const { name } = table;
  const asOurs = ({ ours }: TwoTenants): Caller => ({ role: 'soma_app', tenant: ours.tenant });
  const nobody: Caller = { role: 'soma_app' };
  const may = (verb: 'UPDATE' | 'DELETE', expected: number | RegExp) =>
    table.denied?.includes(verb) ? DENIED : expected;
  return [
    expecting(name, 'shows a tenant its own row', asOurs, 1, ({ ours }) =>
      reading(table, ours, 'ours'),
    ),
    expecting(name, 'lets a tenant change its own row', asOurs, may('UPDATE', 1), ({ ours }) =>
      changing(table, ours, 'ours'),
    ),
    expecting(name, 'shows none of another tenant', asOurs, 0, ({ theirs }) =>
      reading(table, theirs, 'theirs'),
    ),
    expecting(name, 'changes none of another tenant', asOurs, may('UPDATE', 0), ({ theirs }) =>
      changing(table, theirs, 'theirs'),
    ),
    expecting(name, 'deletes its own alone', asOurs, may('DELETE', 1), () => deletingAll(name)),
    expecting(
      name,
      'takes no row in the name of another',
      asOurs,
      ROW_LEVEL_SECURITY,
      ({ ours, theirs }) =>
        table.insert(theirs.tenant, { ...anyIds(), memory: ours.memory }, 'planted'),
    ),
    expecting(
      name,
      'gives no row away',
      asOurs,
      may('UPDATE', ROW_LEVEL_SECURITY),
      ({ ours, theirs }) =>
        `UPDATE ${name} SET tenant_id = '${theirs.tenant}' WHERE ${table.key(ours, 'ours')}`,
    ),
    expecting(
      name,
      'shows nothing without a tenant',
      () => nobody,
      0,
      () => `SELECT 1 FROM ${name}`,
    ),
    expecting(
      name,
      'takes nothing without a tenant',
      () => nobody,
      ROW_LEVEL_SECURITY,
      ({ ours }) => table.insert(ours.tenant, { ...anyIds(), memory: ours.memory }, 'planted'),
    ),
  ];
}

/** A memory goes with what holds it. */
const deletingAll = (name: string): string =>
  name === 'memories'
    ? 'WITH held AS (DELETE FROM legal_holds) DELETE FROM memories'
    : `DELETE FROM ${name}`;

function checksOfScopes(table: TableOfTenants): IsolationCheck[] {
  const { name } = table;
  const scoped = (tenants: TwoTenants, namespaces: readonly string[]): Caller => ({
    role: 'soma_scoped',
    tenant: tenants.ours.tenant,
    namespaces,
  });
  const elsewhere = (tenants: TwoTenants) => scoped(tenants, ELSEWHERE);
  const foreign = expecting(
    name,
    'shows a kept token none of another tenant',
    elsewhere,
    0,
    ({ theirs }) => reading(table, theirs, 'theirs'),
  );
  if (!NARROWED.has(name)) return [foreign];
  return [
    foreign,
    expecting(
      name,
      'shows a token its namespace',
      (tenants) => scoped(tenants, ['default', 'ours']),
      HIDDEN_FROM_KEPT_TOKENS.has(name) ? 0 : 1,
      ({ ours }) => reading(table, ours, 'ours'),
    ),
    expecting(
      name,
      'shows a token no other namespace',
      elsewhere,
      0,
      () => `SELECT 1 FROM ${name}`,
    ),
    expecting(name, 'deletes in no other namespace', elsewhere, 0, () => `DELETE FROM ${name}`),
    expecting(
      name,
      'changes in no other namespace',
      elsewhere,
      0,
      () => `UPDATE ${name} SET ${table.change}`,
    ),
    ...(checksNewRows(name)
      ? [
          expecting(
            name,
            'takes no row of another namespace',
            elsewhere,
            ROW_LEVEL_SECURITY,
            ({ ours }) =>
              table.insert(
                ours.tenant,
                { ...anyIds(), tenant: ours.tenant, memory: ours.memory },
                'new',
              ),
          ),
        ]
      : []),
  ];
}

function checksOfSystem(): IsolationCheck[] {
  const system = (): Caller => ({ role: 'soma_system' });
  const asOurs = ({ ours }: TwoTenants): Caller => ({ role: 'soma_app', tenant: ours.tenant });
  const seen = new Set([
    'facts',
    'index_outbox',
    'idempotency_keys',
    'deletions',
    'audit_events',
    'audit_memories',
    'decay_policies',
    'hierarchy_marks',
  ]);
  return [
    ...TENANT_TABLES.filter(({ name }) => !seen.has(name)).map(({ name }) =>
      expecting(
        name,
        'is kept from the system role',
        system,
        DENIED,
        () => `SELECT 1 FROM ${name}`,
      ),
    ),
    expecting(
      'facts',
      'keeps what facts say from the system role',
      system,
      DENIED,
      () => 'SELECT slot FROM facts',
    ),
    expecting(
      'facts',
      'shows the system role none that has not expired',
      system,
      0,
      () => 'SELECT memory_id FROM facts',
    ),
    {
      table: 'facts',
      name: 'shows the system role whose facts have expired',
      fault: async (connection) => {
        await connection.run("UPDATE facts SET expires_at = now() - interval '1 second'");
        return judged(await outcomeOf(connection, system(), 'SELECT memory_id FROM facts'), 2);
      },
    },
    expecting(
      'index_outbox',
      'shows the system role every task',
      system,
      2,
      () => 'SELECT 1 FROM index_outbox',
    ),
    expecting(
      'index_outbox',
      'lets the system role note a try',
      system,
      2,
      () => 'UPDATE index_outbox SET attempts = 1',
    ),
    expecting(
      'idempotency_keys',
      'keeps answers from the system role',
      system,
      DENIED,
      () => 'SELECT response FROM idempotency_keys',
    ),
    expecting(
      'idempotency_keys',
      'lets the system role delete no young key',
      system,
      0,
      () => 'DELETE FROM idempotency_keys',
    ),
    {
      table: 'idempotency_keys',
      name: 'lets the system role delete old keys',
      fault: async (connection) => {
        await connection.run("UPDATE idempotency_keys SET created_at = now() - interval '2 days'");
        return judged(await outcomeOf(connection, system(), 'DELETE FROM idempotency_keys'), 2);
      },
    },
    ...checksOfReceiptsAndAudit(system),
    ...checksOfSchedules(system),
    expecting(
      'embedding_models',
      'takes a model of the system role, and shows it',
      system,
      1,
      () => A_MODEL,
    ),
    expecting(
      'embedding_models',
      'keeps all but names from tenants',
      asOurs,
      DENIED,
      () => 'SELECT * FROM embedding_models',
    ),
    {
      table: 'embedding_models',
      name: 'shows tenants the names',
      fault: async (connection, tenants) => {
        await connection.run(A_MODEL);
        const names = 'SELECT model, state FROM embedding_models';
        return judged(await outcomeOf(connection, asOurs(tenants), names), 1);
      },
    },
    ...['tenants', 'tokens', 'reconcile_report', 'reconcile_turn'].map((name) =>
      expecting(
        name,
        'is kept from the role of tenants',
        asOurs,
        DENIED,
        () => `SELECT 1 FROM ${name}`,
      ),
    ),
    expecting(
      'tenants',
      'shows the system role every tenant',
      system,
      2,
      () => 'SELECT 1 FROM tenants',
    ),
    expecting(
      'tenants',
      'lets the system role change them',
      system,
      2,
      () => 'UPDATE tenants SET suspended_at = now()',
    ),
    expecting(
      'tokens',
      'takes tokens from the system role, and shows them',
      system,
      1,
      ({ ours }) =>
        `INSERT INTO tokens (id, tenant_id, name, secret_hash, scopes)
       VALUES ('t', '${ours.tenant}', 't', '\\x00', '{}') RETURNING 1`,
    ),
    expecting(
      'reconcile_report',
      'takes the report of the system role, and shows it',
      system,
      1,
      () => "INSERT INTO reconcile_report (id, report) VALUES (1, '{}') RETURNING 1",
    ),
  ];
}

function checksOfSchedules(system: () => Caller): IsolationCheck[] {
  const bySystem = (table: string, name: string, expected: number | RegExp, sql: string) =>
    expecting(table, name, system, expected, () => sql);
  const policies = 'decay_policies';
  return [
    bySystem(policies, 'shows the system role every policy', 2, `SELECT 1 FROM ${policies}`),
    bySystem(policies, 'lets it set the next run', 2, `UPDATE ${policies} SET next_run_at = now()`),
    bySystem(policies, 'lets it change no policy', DENIED, `UPDATE ${policies} SET policy = '{}'`),
    bySystem('hierarchy_marks', 'shows it what waits', 2, 'SELECT namespace FROM hierarchy_marks'),
    bySystem('hierarchy_marks', 'shows it no place', DENIED, 'SELECT at FROM hierarchy_marks'),
  ];
}

const OLD = "occurred_at = now() - interval '2 days'";

function checksOfReceiptsAndAudit(system: () => Caller): IsolationCheck[] {
  const chained = "sequence = 1, previous_hash = '\\x00', hash = '\\x00'";
  const bySystem = (table: string, name: string, expected: number | RegExp, sql: string) =>
    expecting(table, name, system, expected, () => sql);
  return [
    bySystem('deletions', 'shows the system role every receipt', 2, 'SELECT 1 FROM deletions'),
    bySystem('deletions', 'lets it go on with them', 2, 'UPDATE deletions SET attempts = 1'),
    bySystem('reconcile_turn', 'shows the turn', 1, 'SELECT 1 FROM reconcile_turn'),
    bySystem('reconcile_turn', 'gives the turn away', 1, 'UPDATE reconcile_turn SET holder = NULL'),
    bySystem('audit_events', 'shows the system role every event', 2, 'SELECT 1 FROM audit_events'),
    bySystem('audit_events', 'lets it chain them', 2, `UPDATE audit_events SET ${chained}`),
    bySystem(
      'audit_events',
      'lets it do no less',
      ROW_LEVEL_SECURITY,
      'UPDATE audit_events SET hash = NULL',
    ),
    expecting('audit_events', 'takes an event of the system role', system, 1, ({ ours }) =>
      anEvent(ours.tenant),
    ),
    expecting(
      'audit_events',
      "takes a tenant's own event",
      ({ ours }) => ({ role: 'soma_app', tenant: ours.tenant }),
      1,
      ({ ours }) => anEvent(ours.tenant),
    ),
    expecting(
      'audit_memories',
      "takes a tenant's own row",
      ({ ours }) => ({ role: 'soma_app', tenant: ours.tenant }),
      1,
      ({ ours }) => tableNamed('audit_memories').insert(ours.tenant, anyIds(), 'x'),
    ),
    bySystem(
      'audit_memories',
      'shows the system role every row',
      2,
      'SELECT 1 FROM audit_memories',
    ),
    bySystem('audit_memories', 'lets it delete them', 2, 'DELETE FROM audit_memories'),
    expecting('audit_memories', 'takes a row of the system role', system, 1, ({ ours }) =>
      tableNamed('audit_memories').insert(ours.tenant, anyIds(), 'x'),
    ),
    ...[
      { name: 'lets it delete what is chained and old', sets: `${OLD}, ${chained}`, gone: 2 },
      { name: 'lets it delete nothing young', sets: `occurred_at = now(), ${chained}`, gone: 0 },
      { name: 'lets it delete nothing that waits', sets: OLD, gone: 0 },
    ].map(({ name, sets, gone }) => ({
      table: 'audit_events',
      name,
      fault: async (connection: RawConnection) => {
        await connection.run(`UPDATE audit_events SET ${sets}`);
        return judged(await outcomeOf(connection, system(), 'DELETE FROM audit_events'), gone);
      },
    })),
    {
      table: 'audit_events',
      name: 'lets nobody change a chained event',
      fault: async (connection) => {
        await connection.run(`UPDATE audit_events SET ${chained}`);
        return judged(
          await outcomeOf(connection, system(), `UPDATE audit_events SET ${chained}`),
          0,
        );
      },
    },
  ];
}

function tableNamed(name: string): TableOfTenants {
  const table = TENANT_TABLES.find((each) => each.name === name);
  if (!table) throw new Error(`There is no table ${name}.`);
  return table;
}

const anEvent = (tenant: string): string =>
  tableNamed('audit_events').insert(tenant, anyIds(), 'x');

const forcedEverywhere: IsolationCheck = {
  table: '',
  name: 'row-level security is on, and binds the owner, for every table',
  fault: async (connection) => {
    const { rows } = await connection.run(
      `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relname <> '_prisma_migrations'
         AND NOT (c.relrowsecurity AND c.relforcerowsecurity)`,
    );
    return rows.length === 0 ? undefined : JSON.stringify(rows);
  },
};

const reading = (table: TableOfTenants, ids: RowIds, mark: string): string =>
  `SELECT 1 FROM ${table.name} WHERE ${table.key(ids, mark)}`;

const changing = (table: TableOfTenants, ids: RowIds, mark: string): string =>
  `UPDATE ${table.name} SET ${table.change} WHERE ${table.key(ids, mark)}`;

/** `expected`: so many rows, or a refusal that says this. */
function expecting(
  table: string,
  name: string,
  caller: (tenants: TwoTenants) => Caller,
  expected: number | RegExp,
  sql: (tenants: TwoTenants) => string,
): IsolationCheck {
  return {
    table,
    name,
    fault: async (connection, tenants) =>
      judged(await outcomeOf(connection, caller(tenants), sql(tenants)), expected),
  };
}

function judged(outcome: Outcome, expected: number | RegExp): string | undefined {
  const isRight =
    typeof expected === 'number'
      ? 'rows' in outcome && outcome.rows === expected
      : 'error' in outcome && expected.test(outcome.error);
  return isRight ? undefined : `${JSON.stringify(outcome)} instead of ${String(expected)}`;
}

async function outcomeOf(
  connection: RawConnection,
  { role, tenant = '', namespaces }: Caller,
  sql: string,
): Promise<Outcome> {
  const kept = namespaces ? JSON.stringify(namespaces) : '';
  await connection.run(
    `SELECT set_config('role', '${role}', true), set_config('app.tenant', '${tenant}', true),
       set_config('app.namespaces', '${kept}', true)`,
  );
  try {
    const { rows, affected } = await connection.run(sql);
    return { rows: Math.max(rows.length, affected) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

const anyIds = (): RowIds => ({
  tenant: randomUUID(),
  memory: randomUUID(),
  entry: randomUUID(),
  link: randomUUID(),
});
