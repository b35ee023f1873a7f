import type { RawConnection, TwoTenants } from './isolation-check.js';
import { isolationChecks, plantTwoTenants } from './isolation.checks.js';
import { everyMutation } from './policy-mutations.js';

const RUN_TIMEOUT_MS = 15 * 60_000;

/**
 * Weakens what keeps tenants apart, in one way after the other, and looks whether a check of isolation
 * fails. Every mutant lives in a transaction that is rolled back.
 */
export function policyMutationsContract(
  open: () => Promise<RawConnection & { close(): Promise<void> }>,
): void {
  let connection: RawConnection & { close(): Promise<void> };
  let tenants: TwoTenants;

  beforeAll(async () => {
    connection = await open();
    tenants = await plantTwoTenants(connection);
  });
  afterAll(() => connection.close());

  /** The faults found while `sql` holds; the first alone, unless all are asked for. */
  async function faultsUnder(sql: string, first: string, all = false): Promise<string[]> {
    const faults: string[] = [];
    await connection.run('BEGIN');
    try {
      for (const statement of sql.split('; ').filter((text) => text !== '')) {
        await connection.run(statement);
      }
      for (const { table, name, fault } of isolationChecks(first)) {
        await connection.run('SAVEPOINT before_check');
        const found = await fault(connection, tenants);
        await connection.run('ROLLBACK TO SAVEPOINT before_check');
        if (found !== undefined) faults.push(`${table} ${name}: ${found}`);
        if (faults.length > 0 && !all) break;
      }
    } finally {
      await connection.run('ROLLBACK');
    }
    return faults;
  }

  it('P42 passes every check of isolation as it is', async () => {
    expect(await faultsUnder('', '', true)).toEqual([]);
  });

  it(
    'P42 fails a check of isolation with any policy, table or role weakened',
    async () => {
      const mutations = await everyMutation(connection);
      const survivors: string[] = [];
      for (const { name, table, sql } of mutations) {
        if ((await faultsUnder(sql, table)).length === 0) survivors.push(name);
      }
      const killed = mutations.length - survivors.length;
      const percent = ((100 * killed) / mutations.length).toFixed(1);
      process.stdout.write(
        `policy mutation score: ${killed} of ${mutations.length} (${percent} %)\n`,
      );
      expect(mutations.length).toBeGreaterThan(100);
      expect(survivors).toEqual([]);
    },
    RUN_TIMEOUT_MS,
  );
}
