import type { RawConnection } from './isolation-check.js';

/** One way to weaken what keeps tenants apart. */
export interface Mutation {
  readonly table: string;
  readonly name: string;
  readonly sql: string;
}

interface Policy {
  name: string;
  table: string;
  permissive: 'PERMISSIVE' | 'RESTRICTIVE';
  roles: string;
  command: string;
  /** Null for a policy of INSERT. */
  using: string | null;
  check: string | null;
}

const FAILS_OPEN = "coalesce(current_setting('app.tenant', true), '') = ''";

/** Of every policy, table and role there is, so that a new one cannot be forgotten. */
export async function everyMutation(connection: RawConnection): Promise<Mutation[]> {
  const { rows: policies } = await connection.run(
    `SELECT policyname AS name, tablename AS table, permissive, array_to_string(roles, ', ') AS roles,
       cmd AS command, qual AS using, with_check AS check
     FROM pg_policies WHERE schemaname = 'public' ORDER BY tablename, policyname`,
  );
  const { rows: tables } = await connection.run(
    `SELECT relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relrowsecurity ORDER BY 1`,
  );
  return [
    ...(policies as Policy[]).flatMap(mutationsOfPolicy),
    ...(tables as { name: string }[]).flatMap(({ name }) => mutationsOfTable(name)),
    ...ROLE_MUTATIONS,
  ];
}

/** Those that change nothing are left out: what is `true` already, and a check that is none. */
function mutationsOfPolicy(policy: Policy): Mutation[] {
  const { table, name } = policy;
  const mutation = (what: string, sql: string): Mutation => ({
    table,
    name: `${table}.${name}: ${what}`,
    sql,
  });
  const altered = (what: string, change: string): Mutation =>
    mutation(what, `ALTER POLICY ${name} ON ${table} ${change}`);
  const anew = (what: string, changes: Partial<Policy>): Mutation =>
    mutation(what, `DROP POLICY ${name} ON ${table}; ${createPolicy({ ...policy, ...changes })}`);
  const check = policy.check ?? policy.using;
  const mutations = [mutation('dropped', `DROP POLICY ${name} ON ${table}`)];
  if (policy.using !== null && policy.using !== 'true') {
    mutations.push(altered('shows everything', 'USING (true)'));
    // The check of a policy without one is its USING.
    if (policy.check === null && policy.command === 'ALL' && policy.roles === 'soma_scoped') {
      mutations.push(altered('takes everything', 'WITH CHECK (true)'));
    }
  }
  if (policy.check !== null && policy.check !== 'true') {
    mutations.push(altered('takes everything', 'WITH CHECK (true)'));
  }
  if (policy.roles === 'soma_app' && policy.using !== 'true') {
    mutations.push(
      altered(
        'shows everything while no tenant is set',
        `USING (${policy.using} OR ${FAILS_OPEN})`,
      ),
    );
    if (policy.command === 'ALL') {
      mutations.push(
        altered(
          'takes everything while no tenant is set',
          `WITH CHECK (${check} OR ${FAILS_OPEN})`,
        ),
      );
    }
  }
  if (policy.command === 'ALL') {
    const others = policy.roles === 'soma_scoped' ? ['SELECT', 'UPDATE', 'DELETE'] : ['SELECT'];
    mutations.push(...others.map((command) => anew(`for ${command} alone`, { command })));
  }
  if (policy.permissive === 'RESTRICTIVE') {
    mutations.push(anew('permissive', { permissive: 'PERMISSIVE' }));
  }
  if (policy.roles === 'soma_system' && (policy.using ?? check) === 'true') {
    mutations.push(
      mutation(
        'for the role of tenants too',
        `ALTER POLICY ${name} ON ${table} TO soma_system, soma_app; GRANT SELECT ON ${table} TO soma_app`,
      ),
    );
  }
  return mutations;
}

function createPolicy({ name, table, permissive, roles, command, using, check }: Policy): string {
  const checks = check !== null && command !== 'SELECT' && command !== 'DELETE';
  return (
    `CREATE POLICY ${name} ON ${table} AS ${permissive} FOR ${command} TO ${roles} ` +
    `${using === null ? '' : `USING (${using})`} ${checks ? `WITH CHECK (${check})` : ''}`
  );
}

/** Where the system role may read a part of the rows already. */
const SEEN_BY_SYSTEM = new Set([
  'decay_policies',
  'index_outbox',
  'idempotency_keys',
  'tenants',
  'tokens',
  'reconcile_report',
  'reconcile_turn',
  'deletions',
  'audit_events',
  'audit_memories',
  'embedding_models',
]);

const mutationsOfTable = (table: string): Mutation[] => [
  { table, name: `${table}: security off`, sql: `ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY` },
  {
    table: '',
    name: `${table}: owner not bound`,
    sql: `ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY`,
  },
  ...(SEEN_BY_SYSTEM.has(table)
    ? []
    : [
        {
          table,
          name: `${table}: granted to soma_system`,
          sql: `GRANT SELECT ON ${table} TO soma_system`,
        },
      ]),
];

const ROLE_MUTATIONS: readonly Mutation[] = [
  ...['soma_app', 'soma_scoped'].flatMap((role) => [
    { table: 'memories', name: `${role}: BYPASSRLS`, sql: `ALTER ROLE ${role} BYPASSRLS` },
    { table: 'memories', name: `${role}: SUPERUSER`, sql: `ALTER ROLE ${role} SUPERUSER` },
  ]),
  {
    table: 'idempotency_keys',
    name: 'soma_system: BYPASSRLS',
    sql: 'ALTER ROLE soma_system BYPASSRLS',
  },
  {
    table: 'tenants',
    name: 'soma_app: member of soma_system',
    sql: 'GRANT soma_system TO soma_app',
  },
  {
    table: 'tokens',
    name: 'soma_system: member of soma_app',
    sql: 'GRANT soma_app TO soma_system',
  },
];
