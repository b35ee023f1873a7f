import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';

const PACKAGE = fileURLToPath(
  new URL('../../node_modules/@electric-sql/pglite/package.json', import.meta.url),
);

/**
 * A data folder with an empty database in it. Making one takes seconds, so it is made once for each
 * version of PGlite and copied from then on; what the service makes itself the process tests see.
 */
export async function newDataFolder(): Promise<string> {
  const template = await emptyDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'soma-e2e-'));
  cpSync(template, join(folder, 'postgres'), { recursive: true });
  return folder;
}

async function emptyDatabase(): Promise<string> {
  const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string };
  const path = join(tmpdir(), `soma-e2e-empty-database-${version}`);
  if (existsSync(path)) return path;
  const draft = mkdtempSync(`${path}-`);
  const engine = await PGlite.create({ dataDir: draft });
  await engine.close();
  try {
    renameSync(draft, path);
  } catch {
    // Another test process was first: its database is as good.
    rmSync(draft, { recursive: true, force: true });
  }
  return path;
}
