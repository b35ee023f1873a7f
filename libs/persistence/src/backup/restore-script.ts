import type { BackupManifest } from '@soma/backup';
import { HISTORY_TABLE, MIGRATION_LOCK, recordMigration } from '../migrations/migrate.js';
import { readMigrations } from '../migrations/migration-files.js';
import { expectRows, MARK_RESTORED } from './restored-marks.js';

/** What comes before and after the rows, for one session that reads all of it. */
export interface RestoreScript {
  readonly before: string;
  readonly after: string;
}

/**
 * A restore in one transaction, of which all happens or nothing: our tables go, the migrations that the
 * backup knew make them again, with their policies, grants and roles, the rows come in, the later
 * migrations are applied to them, and what a restore must forget is marked. Before the rows are in,
 * nothing of it can be seen by others.
 */
export function restoreScript(manifest: BackupManifest, replace: boolean): RestoreScript {
  const known = new Set(manifest.migrations.map(({ name }) => name));
  const [earlier, later] = [true, false].map((isKnown) =>
    readMigrations()
      .filter(({ name }) => known.has(name) === isKnown)
      .map((migration) => `${migration.sql}\n${recordMigration(migration)}`)
      .join('\n'),
  );
  return {
    before: [
      'BEGIN;',
      'SET LOCAL lock_timeout = 10000;',
      `SELECT pg_advisory_xact_lock(${MIGRATION_LOCK});`,
      replace ? '' : REFUSE_ROWS,
      DROP_OURS,
      HISTORY_TABLE,
      earlier,
      EMPTY,
      triggers('DISABLE'),
      forced('RESTORE', 'NO FORCE'),
      '',
    ].join('\n'),
    after: [
      '',
      'RESET ALL;',
      'SET search_path = public;',
      expectRows(manifest.rows),
      forced('FORCE AGAIN', 'FORCE'),
      later,
      forced('MARK', 'NO FORCE'),
      MARK_RESTORED,
      forced('DONE', 'FORCE'),
      triggers('ENABLE'),
      'COMMIT;',
      'ANALYZE;',
      '',
    ].join('\n'),
  };
}

/** The look before the restore saw no rows; this one holds what it sees. */
const REFUSE_ROWS = `
DO $$
DECLARE
  filled boolean := false;
BEGIN
  IF to_regclass('public.tenants') IS NOT NULL THEN
    ALTER TABLE public.tenants NO FORCE ROW LEVEL SECURITY;
    SELECT EXISTS (SELECT 1 FROM public.tenants) INTO filled;
  END IF;
  IF filled THEN RAISE EXCEPTION 'the database is not empty'; END IF;
END
$$;`;

const DROP_OURS = `
DO $$
DECLARE
  item text;
BEGIN
  FOR item IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'public'
  LOOP
    EXECUTE format('DROP TABLE %s CASCADE', item);
  END LOOP;
  FOR item IN
    SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = 'public' AND pg_has_role(p.proowner, 'MEMBER')
      AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
  LOOP
    EXECUTE format('DROP ROUTINE %s CASCADE', item);
  END LOOP;
END
$$;`;

/** A statement for each table of ours; `of` narrows them. */
const forEachTable = (statement: string, of = 'true'): string => `
DO $$
DECLARE
  item text;
BEGIN
  FOR item IN
    SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind = 'r' AND ${of}
  LOOP
    EXECUTE format('${statement}', item);
  END LOOP;
END
$$;`;

/** Rows that a migration brings are in the backup too. */
const EMPTY = forEachTable('TRUNCATE TABLE %s CASCADE', "c.relname <> '_prisma_migrations'");

/** What counts rows as they are written: the counts are in the backup too. */
const triggers = (how: 'DISABLE' | 'ENABLE'): string =>
  forEachTable(`ALTER TABLE %s ${how} TRIGGER USER`);

/** Every table of ours that has row-level security has it forced; for the owner it is set aside. */
const forced = (step: string, how: 'FORCE' | 'NO FORCE'): string =>
  `\n-- ${step}${forEachTable(`ALTER TABLE %s ${how} ROW LEVEL SECURITY`, 'c.relrowsecurity')}`;
