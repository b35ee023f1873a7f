import { Client } from 'pg';
import { migrate } from './migrate.js';

export interface MigrationReport {
  readonly applied: readonly string[];
  readonly login: string;
}

/**
 * Migrates PostgreSQL as its owner, then makes the service's login (name and password of
 * `serviceUrl`) if it is missing, and lets it take the service's roles.
 */
export async function migratePostgres(
  ownerUrl: string,
  serviceUrl: string,
): Promise<MigrationReport> {
  const client = new Client({ connectionString: ownerUrl, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    const applied = await migrate({
      exec: async (sql) => void (await client.query(sql)),
      query: async (sql, parameters) =>
        (await client.query<Record<string, unknown>>(sql, [...parameters])).rows,
    });
    return { applied, login: await grantLogin(client, new URL(serviceUrl)) };
  } finally {
    await client.end();
  }
}

async function grantLogin(client: Client, service: URL): Promise<string> {
  const login = decodeURIComponent(service.username);
  if (login === '') throw new Error('SOMA_POSTGRES_URL names no user.');
  const name = client.escapeIdentifier(login);
  const found = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [login]);
  if (found.rowCount === 0) {
    const password = client.escapeLiteral(decodeURIComponent(service.password));
    await client.query(`CREATE ROLE ${name} LOGIN NOINHERIT PASSWORD ${password}`);
  }
  await client.query(`GRANT soma_app, soma_system TO ${name}`);
  await client.query(`GRANT SELECT ON _prisma_migrations TO ${name}`);
  return login;
}
