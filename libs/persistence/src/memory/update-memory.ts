import type { MemoryId, TenantScope } from '@soma/core';
import type { MemoryChanges } from '@soma/memory';
import { appendEventOf } from '../audit/audit-row.js';
import type { Transaction } from '../connection/transaction.js';
import { type SealedColumns, sealColumns, type Sealing } from '../encryption/sealing.js';
import { Prisma } from '../generated/client.js';
import { MEMORY_COLUMNS, type MemoryRow } from './memory-row.js';
import { TIER_OF_TYPE, VERSION_SNAPSHOT } from './memory-version-sql.js';

export interface MemoryUpdate {
  readonly id: MemoryId;
  readonly changes: MemoryChanges;
  readonly now: Date;
  /** Whether the changes leave some fields as they are. */
  readonly isPartial: boolean;
  /** The version that the changes repeat. */
  readonly restoredFrom: number | undefined;
}

/** Writes the named fields as version n+1, and the version row. */
export async function updateMemory(
  transaction: Transaction,
  scope: TenantScope,
  { id, changes, now, isPartial, restoredFrom }: MemoryUpdate,
  sealing: Sealing,
): Promise<MemoryRow | undefined> {
  const [row] = await transaction.query<MemoryRow[]>`
    WITH m AS (
      UPDATE memories d
      SET version = d.version + 1, updated_at = ${now},
        written_by = ${scope.writer.tokenId}, ${assignments(sealColumns(sealing, id, changes))}
      WHERE d.tenant_id = ${scope.tenantId}::uuid AND d.id = ${id}::uuid
      RETURNING *
    ), versions AS (
      INSERT INTO memory_versions (tenant_id, memory_id, version, snapshot, created_at, written_by,
        partial, restored_from)
      SELECT m.tenant_id, m.id, m.version, ${VERSION_SNAPSHOT}, m.updated_at, m.written_by,
        ${isPartial}, ${restoredFrom ?? null}::integer FROM m
    ), audited AS (${updatedEvent(scope, changes)})
    SELECT ${MEMORY_COLUMNS} FROM m`;
  return row;
}

/** Names the fields, and nothing of what is in them. */
const updatedEvent = (scope: TenantScope, changes: MemoryChanges): Prisma.Sql =>
  appendEventOf(
    scope,
    { action: 'memories.update', targetKind: 'memories', outcome: 'done' },
    {
      target: Prisma.sql`''`,
      details: Prisma.sql`jsonb_build_object('version', m.version, 'fields',
        ${COLUMNS.filter((name) => changes[name] !== undefined)}::text[])`,
      memoryIds: Prisma.sql`ARRAY[m.id]`,
      from: Prisma.sql`FROM m`,
    },
  );

function assignments(changes: MemoryChanges & SealedColumns): Prisma.Sql {
  const json = JSON.stringify(changes);
  const source = Prisma.sql`jsonb_to_record(${json}::jsonb) AS d (memory_type text, content text,
    payload jsonb, metadata jsonb, tags text[], importance float8, pinned boolean,
    dedup text, prediction text, session_id text, speaker text, occurred_at timestamptz, expires_at timestamptz,
    source jsonb, trust float8, slot text, valid_from timestamptz,
    sealed_content text, sealed_payload text, sealed_metadata text, sealed_prediction text)`;
  const names = COLUMNS.filter((name) => changes[name] !== undefined);
  const columns = names.map((name) => Prisma.raw(name));
  const values = names.map((name) => Prisma.raw(`d.${name}`));
  for (const name of SEALABLE.filter((column) => changes[column] !== undefined)) {
    columns.push(Prisma.raw(`sealed_${name}`));
    values.push(Prisma.raw(`decode(d.sealed_${name}, 'base64')`));
  }
  if (changes.memory_type !== undefined) {
    columns.push(Prisma.raw('tier'));
    values.push(TIER_OF_TYPE);
  }
  return Prisma.sql`(${Prisma.join(columns)}) = (SELECT ${Prisma.join(values)} FROM ${source})`;
}

/** Beside each stands what it is sealed as; null when it is plain. */
const SEALABLE = ['content', 'payload', 'metadata', 'prediction'] as const;

const COLUMNS = [
  'memory_type',
  'content',
  'payload',
  'metadata',
  'tags',
  'importance',
  'pinned',
  'dedup',
  'prediction',
  'session_id',
  'speaker',
  'occurred_at',
  'expires_at',
  'source',
  'trust',
  'slot',
  'valid_from',
] as const satisfies readonly (keyof MemoryChanges)[];
