import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseConfig } from '@soma/config';
import { openDatabase } from '@soma/persistence';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * A data folder with an empty database of today's schema in it. Making one takes seconds, so it is
 * made once for each version of PGlite and of the migrations, and copied from then on; what the
 * service makes itself the process tests see.
 */
export async function newDataFolder(): Promise<string> {
  const template = await emptyDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'soma-e2e-'));
  cpSync(join(template, 'postgres'), join(folder, 'postgres'), { recursive: true });
  return folder;
}

async function emptyDatabase(): Promise<string> {
  const path = join(tmpdir(), `soma-e2e-empty-database-${digestOfSchema()}`);
  if (existsSync(path)) return path;
  const draft = mkdtempSync(`${path}-`);
  const database = await openDatabase(parseConfig({ SOMA_DATA_DIR: draft }));
  await database.close();
  try {
    renameSync(draft, path);
  } catch {
    // Another test process was first: its database is as good.
    rmSync(draft, { recursive: true, force: true });
  }
  return path;
}

function digestOfSchema(): string {
  const migrations = join(ROOT, 'prisma/migrations');
  const digest = createHash('sha256');
  digest.update(readFileSync(join(ROOT, 'node_modules/@electric-sql/pglite/package.json')));
  for (const name of readdirSync(migrations, { recursive: true, encoding: 'utf8' }).sort()) {
    if (name.endsWith('.sql')) digest.update(name).update(readFileSync(join(migrations, name)));
  }
  return digest.digest('hex').slice(0, 16);
}
