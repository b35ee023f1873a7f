import type { MemoryId, TenantScope } from '@soma/core';
import type { MemoryChanges } from '@soma/memory';
import type { Transaction } from '../connection/transaction.js';
import { Prisma } from '../generated/client.js';
import { MEMORY_COLUMNS, type MemoryRow } from './memory-row.js';
import { TIER_OF_TYPE, VERSION_SNAPSHOT } from './memory-version-sql.js';

/** Writes the named fields as version n+1, and the version row. */
export async function updateMemory(
  transaction: Transaction,
  scope: TenantScope,
  id: MemoryId,
  changes: MemoryChanges,
  now: Date,
): Promise<MemoryRow | undefined> {
  const [row] = await transaction.query<MemoryRow[]>`
    WITH m AS (
      UPDATE memories d
      SET version = d.version + 1, updated_at = ${now}, ${assignments(changes)}
      WHERE d.tenant_id = ${scope.tenantId}::uuid AND d.id = ${id}::uuid
      RETURNING *
    ), versions AS (
      INSERT INTO memory_versions (tenant_id, memory_id, version, snapshot, created_at)
      SELECT m.tenant_id, m.id, m.version, ${VERSION_SNAPSHOT}, m.updated_at FROM m
    )
    SELECT ${MEMORY_COLUMNS} FROM m`;
  return row;
}

function assignments(changes: MemoryChanges): Prisma.Sql {
  const json = JSON.stringify(changes);
  const source = Prisma.sql`jsonb_to_record(${json}::jsonb) AS d (memory_type text, content text,
    payload jsonb, metadata jsonb, tags text[], importance float8, pinned boolean,
    session_id text, speaker text, occurred_at timestamptz, expires_at timestamptz)`;
  const names = COLUMNS.filter((name) => changes[name] !== undefined);
  const columns = names.map((name) => Prisma.raw(name));
  const values = names.map((name) => Prisma.raw(`d.${name}`));
  if (changes.memory_type !== undefined) {
    columns.push(Prisma.raw('tier'));
    values.push(TIER_OF_TYPE);
  }
  return Prisma.sql`(${Prisma.join(columns)}) = (SELECT ${Prisma.join(values)} FROM ${source})`;
}

const COLUMNS = [
  'memory_type',
  'content',
  'payload',
  'metadata',
  'tags',
  'importance',
  'pinned',
  'session_id',
  'speaker',
  'occurred_at',
  'expires_at',
] as const satisfies readonly (keyof MemoryChanges)[];
