import { readdirSync } from 'node:fs';
import { Client } from 'pg';

/**
 * `node wait-for-database.js owner` waits until the owner of SOMA_POSTGRES_OWNER_URL can log in, and
 * `node wait-for-database.js migrated` until the login of SOMA_POSTGRES_URL finds every migration of
 * this image applied. Exit code 1 after SOMA_WAIT_SECONDS (300), with the last reason.
 */
const seconds = Number(process.env.SOMA_WAIT_SECONDS || '300');
const what = process.argv[2];

const waits = {
  owner: () => ask(process.env.SOMA_POSTGRES_OWNER_URL, 'SELECT 1 AS one'),
  migrated: async () => {
    const rows = await ask(
      process.env.SOMA_POSTGRES_URL,
      'SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL',
    );
    const applied = new Set(rows.map(({ name }) => name));
    const missing = migrations().filter((name) => !applied.has(name));
    if (missing.length > 0) throw new Error(`${missing.length} migration(s) are not applied yet.`);
  },
};

async function ask(connectionString, sql) {
  const client = new Client({ connectionString, connectionTimeoutMillis: 5000 });
  // Without a listener, a connection that breaks would end this process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query(sql)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function migrations() {
  return readdirSync(new URL('prisma/migrations', import.meta.url), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

async function waitFor(isThere) {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    try {
      return await isThere();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

if (!(what in waits)) {
  process.stderr.write('usage: wait-for-database.js owner|migrated\n');
  process.exitCode = 2;
} else {
  await waitFor(waits[what]).catch((error) => {
    process.stderr.write(`The database was not ready within ${seconds} s: ${error}\n`);
    process.exitCode = 1;
  });
}
