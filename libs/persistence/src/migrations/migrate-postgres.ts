import { Client } from 'pg';
import { GRANT_OWNER_READS } from '../backup/owner-reads.js';
import { migrate, type MigrationConnection } from './migrate.js';

export interface MigrationReport {
  readonly applied: readonly string[];
  readonly login: string;
}

/**
 * Migrates PostgreSQL as its owner, then makes the service's login (name and password of
 * `serviceUrl`) if it is missing, and lets it take the service's roles, and the owner back all up.
 */
export async function migratePostgres(
  ownerUrl: string,
  serviceUrl: string,
): Promise<MigrationReport> {
  const login = loginOf(new URL(serviceUrl));
  const client = new Client({ connectionString: ownerUrl, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    const connection: MigrationConnection = {
      exec: async (sql) => void (await client.query(sql)),
      query: async (sql, parameters) =>
        (await client.query<Record<string, unknown>>(sql, [...parameters])).rows,
    };
    return {
      applied: await migrate(connection, async () => {
        await client.query(GRANT_OWNER_READS);
        await grantLogin(client, login);
      }),
      login: login.name,
    };
  } finally {
    await client.end();
  }
}

interface Login {
  readonly name: string;
  readonly password: string;
}

function loginOf({ username, password }: URL): Login {
  const login = { name: decodeURIComponent(username), password: decodeURIComponent(password) };
  if (login.name === '') throw new Error('SOMA_POSTGRES_URL names no user.');
  return login;
}

/** Two processes that grant at once would fail, one of them, on the same rows of the catalogue. */
async function grantLogin(client: Client, login: Login): Promise<void> {
  const name = client.escapeIdentifier(login.name);
  const found = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [login.name]);
  if (found.rowCount === 0) {
    const password = client.escapeLiteral(login.password);
    await client.query(`CREATE ROLE ${name} LOGIN NOINHERIT PASSWORD ${password}`);
  }
  await client.query(`GRANT soma_app, soma_system, soma_scoped TO ${name}`);
  await client.query(`GRANT SELECT ON _prisma_migrations TO ${name}`);
}
