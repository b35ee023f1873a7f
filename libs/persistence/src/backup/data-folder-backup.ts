import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { BackupError, type BackupManifest, type CopiedDatabase } from '@soma/backup';
import { lockDataFolder } from '../connection/data-folder-lock.js';
import { migrate } from '../migrations/migrate.js';
import { copyEmbedded } from './embedded-copy.js';
import { expectRows, MARK_RESTORED } from './restored-marks.js';

/**
 * Copies the database of a service that is stopped, and lets `use` read the copy.
 * @throws BackupError SOURCE_NOT_READABLE without a database there, TARGET_IN_USE while it runs.
 */
export async function withDataFolderCopy<Result>(
  dataDir: string,
  use: (copied: CopiedDatabase) => Promise<Result>,
): Promise<Result> {
  const path = join(dataDir, 'postgres');
  if (!existsSync(join(path, 'PG_VERSION'))) {
    throw new BackupError(
      'SOURCE_NOT_READABLE',
      `There is no embedded database in ${dataDir}.`,
      'Name the folder that SOMA_DATA_DIR names for the service.',
    );
  }
  return underLock(dataDir, async () => {
    const engine = await PGlite.create({ dataDir: path });
    try {
      return await use(await copyEmbedded(engine));
    } finally {
      await engine.close();
    }
  });
}

/**
 * Puts a backup into a data folder: beside the database, brought up to date, then in its place.
 * @throws BackupError TARGET_NOT_EMPTY (unless it is to be replaced) or TARGET_IN_USE.
 */
export async function restoreDataFolder(
  dataDir: string,
  manifest: BackupManifest,
  copy: Blob,
  replace: boolean,
): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await underLock(dataDir, async () => {
    const path = join(dataDir, 'postgres');
    if (existsSync(path) && !replace) throw notEmpty(dataDir);
    const draft = join(dataDir, 'postgres.restoring');
    await rm(draft, { recursive: true, force: true });
    try {
      await fill(draft, manifest, copy);
      await swap(draft, path);
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  });
}

async function fill(draft: string, manifest: BackupManifest, copy: Blob): Promise<void> {
  const engine = await PGlite.create({ dataDir: draft, loadDataDir: copy });
  try {
    await engine.exec(expectRows(manifest.rows));
    await migrate({
      exec: async (sql) => void (await engine.exec(sql)),
      query: async (sql, parameters) =>
        (await engine.query<Record<string, unknown>>(sql, [...parameters])).rows,
    });
    await engine.exec(`BEGIN; ${MARK_RESTORED} COMMIT; ANALYZE; CHECKPOINT;`);
  } finally {
    await engine.close();
  }
}

async function swap(draft: string, path: string): Promise<void> {
  const replaced = `${path}.replaced`;
  await rm(replaced, { recursive: true, force: true });
  if (existsSync(path)) await rename(path, replaced);
  await rename(draft, path);
  await rm(replaced, { recursive: true, force: true });
}

async function underLock<Result>(dataDir: string, work: () => Promise<Result>): Promise<Result> {
  const unlock = lockOf(dataDir);
  try {
    return await work();
  } finally {
    unlock();
  }
}

function lockOf(dataDir: string): () => void {
  try {
    return lockDataFolder(dataDir);
  } catch (error) {
    throw new BackupError(
      'TARGET_IN_USE',
      error instanceof Error ? error.message : String(error),
      'To back up a service that runs, leave out --data-dir: it gives a copy of itself.',
      error,
    );
  }
}

const notEmpty = (dataDir: string): BackupError =>
  new BackupError(
    'TARGET_NOT_EMPTY',
    `The data folder ${dataDir} has a database. Nothing was changed.`,
    'Restore into another folder, or give up what is in this one with --replace.',
  );
