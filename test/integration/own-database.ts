import { randomBytes } from 'node:crypto';
import { parseConfig } from '@soma/config';
import { type Database, FOR_BACKGROUND, openDatabase } from '@soma/persistence';
import { Client } from 'pg';

/** A database made for one test file, and logins to it. */
export interface OwnDatabase {
  /** Superuser of the test servers. */
  readonly adminUrl: string;
  /** Owner of the database and of its tables: neither superuser nor BYPASSRLS. */
  readonly ownerUrl: string;
  /** The service's login, which the migration makes. */
  readonly serviceUrl: string;
  /** A login of its own with these rights, for example `BYPASSRLS`. */
  login(rights: string): Promise<string>;
  drop(): Promise<void>;
}

export async function createOwnDatabase(): Promise<OwnDatabase> {
  const server = serverUrl();
  const suffix = randomBytes(4).toString('hex');
  const name = `test_${suffix}`;
  const at = (login: URL): string => withDatabase(login.href, name);
  const service = `${name}_service`;
  const roles: string[] = [];
  const login = async (rights: string): Promise<string> => {
    const role = `${name}_${roles.length}`;
    await onServer(server, `CREATE ROLE ${role} LOGIN PASSWORD '${suffix}' ${rights}`);
    roles.push(role);
    return at(Object.assign(new URL(server), { username: role, password: suffix }));
  };
  const ownerUrl = await login('CREATEROLE');
  await onServer(server, `CREATE DATABASE ${name} OWNER ${new URL(ownerUrl).username}`);
  return {
    adminUrl: at(server),
    ownerUrl,
    serviceUrl: at(Object.assign(new URL(server), { username: service, password: suffix })),
    login,
    drop: async () => {
      await onServer(server, `DROP DATABASE ${name} WITH (FORCE)`);
      for (const role of [...roles, service]) {
        await onServer(server, `DROP ROLE IF EXISTS ${role}`);
      }
    },
  };
}

/**
 * Opens it with a worker's patience. That a request is refused within a second is claimed elsewhere;
 * here a busy machine is no server that is away.
 */
export function openOwnDatabase({ serviceUrl }: OwnDatabase): Promise<Database> {
  const config = parseConfig({ SOMA_POSTGRES_URL: serviceUrl });
  return openDatabase(config, { patience: FOR_BACKGROUND });
}

/** The same server and login, another database. */
export function withDatabase(url: string, name: string): string {
  return Object.assign(new URL(url), { pathname: `/${name}` }).href;
}

/** Makes the database unless it is there; one caller a name at a time. */
export async function ensureDatabase(name: string): Promise<void> {
  const server = serverUrl();
  const [found] = await ask(server.href, `SELECT 1 FROM pg_database WHERE datname = '${name}'`);
  if (found?.length === 0) await onServer(server, `CREATE DATABASE ${name}`);
}

/** The rows of each statement, asked one after the other on one connection. */
export async function ask(url: string, ...statements: string[]): Promise<unknown[][]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    const answers: unknown[][] = [];
    for (const sql of statements) answers.push((await client.query<object>(sql)).rows);
    return answers;
  } finally {
    await client.end();
  }
}

async function onServer(server: URL, sql: string): Promise<void> {
  await ask(server.href, sql);
}

function serverUrl(): URL {
  const url = process.env['SOMA_POSTGRES_OWNER_URL'];
  if (url) return new URL(url);
  throw new Error('SOMA_POSTGRES_OWNER_URL is not set: run `npm run test:integration`.');
}
