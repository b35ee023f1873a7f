import type { JsonValue, TenantScope } from '@soma/core';
import type { DuplicateCandidate } from '@soma/hierarchy';
import type { CandidatesOf, MergeCandidate, MergedCandidate } from '@soma/merging';
import type { Transaction } from '../connection/transaction.js';
import type { MaybeSealed, RowCipher } from '../encryption/row-cipher.js';
import { Prisma } from '../generated/client.js';
import { NOT_HELD } from '../forgetting/salience-sql.js';

export interface CandidateRow extends MaybeSealed {
  readonly prediction: string | null;
  readonly coordinate: string;
  readonly memory_type: string;
  readonly version: number;
  readonly tags: string[];
  readonly trust: number;
  readonly speaker: string | null;
  readonly session_id: string | null;
  readonly occurred_at: Date | null;
  readonly written_by: string | null;
  readonly stays: boolean;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly vector: Uint8Array | null;
}

export interface BehindRow extends MaybeSealed {
  readonly created_at: Date;
  readonly merged_into: string;
  readonly vector: Uint8Array | null;
}

/**
 * Of a table named `m`: neither derived nor about to expire, and not kept from it. Of facts of one slot
 * the newest is in force already, and those of two are two.
 */
export const MAY_MERGE = Prisma.sql`NOT m.derived AND m.expires_at IS NULL AND m.slot IS NULL
  AND m.dedup = 'allow'`;

/** Of a table named `m`: whether it may be merged into none. */
const STAYS = Prisma.sql`(m.pinned OR NOT ${NOT_HELD}) AS stays`;

export const CANDIDATE_COLUMNS = Prisma.sql`m.id, m.coordinate, m.memory_type, m.version, m.tags,
  m.trust, m.speaker, m.session_id, m.occurred_at, m.written_by, ${STAYS},
  m.created_at, m.updated_at, m.content, m.payload, m.metadata, m.sealed_content, m.sealed_payload,
  m.sealed_metadata, m.prediction, m.sealed_prediction`;

const NO_VECTOR = new Float32Array();

/** The vector of a memory named `m` by a model, or null. */
export const vectorOf = (
  { model }: Pick<CandidatesOf, 'model'>,
  table: 'embeddings' | 'archived_embeddings',
): Prisma.Sql => Prisma.sql`(SELECT e.vector FROM ${Prisma.raw(table)} e
  WHERE e.tenant_id = m.tenant_id AND e.memory_id = m.id AND e.model = ${model} LIMIT 1) AS vector`;

export async function candidatesOfRows(
  scope: TenantScope,
  rows: readonly CandidateRow[],
  cipher: RowCipher,
): Promise<MergeCandidate[]> {
  const opened = await openedWithVectors(scope, rows, cipher);
  return opened.map(({ row, candidate }) => ({
    ...candidate,
    coordinate: row.coordinate,
    version: row.version,
    updatedAt: row.updated_at,
    memoryType: row.memory_type,
    stays: row.stays,
    kind: kindOf(row),
  }));
}

export async function behindOfRows(
  scope: TenantScope,
  rows: readonly BehindRow[],
  cipher: RowCipher,
): Promise<MergedCandidate[]> {
  const opened = await openedWithVectors(scope, rows, cipher);
  return opened.map(({ row, candidate }) => ({ ...candidate, into: row.merged_into }));
}

async function openedWithVectors<Row extends CandidateRow | BehindRow>(
  scope: TenantScope,
  rows: readonly Row[],
  cipher: RowCipher,
): Promise<{ row: Row; candidate: DuplicateCandidate }[]> {
  const opened = await cipher.open(scope, rows);
  const stored = rows.flatMap(({ id, vector }) => (vector ? [{ memory_id: id, vector }] : []));
  const plain = await cipher.vectors(scope, stored);
  const vectors = new Map(stored.map(({ memory_id: id }, at) => [id, plain[at]]));
  return opened.map((row) => ({
    row,
    candidate: {
      id: row.id,
      content: row.content,
      vector: vectors.get(row.id) ?? NO_VECTOR,
      createdAt: row.created_at.getTime(),
    },
  }));
}

/**
 * By type, writer, trust, speaker, tags and metadata: what filters look at, and what is taken back
 * with its writer; and by what is expected of it. An episode is one of its session and time; a fact is of any.
 */
function kindOf(row: CandidateRow): string {
  const { memory_type: type, trust, speaker, written_by: writer, tags, metadata } = row;
  const event = type === 'episodic' ? [row.session_id, row.occurred_at?.toISOString() ?? null] : [];
  const { prediction } = row;
  const labels = [tags.toSorted(), sorted(metadata)];
  return JSON.stringify([type, trust, speaker, writer, ...labels, event, prediction]);
}

/** With the keys of its objects in order. */
function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

/** What a look at the rows, and nothing else, says of them now. */
export interface LockedRow {
  readonly id: string;
  readonly version: number;
  readonly stays: boolean;
}

/** Locks those that may still be merged, in the order of their ids. */
export function lockCandidates(
  transaction: Transaction,
  scope: TenantScope,
  namespace: string,
  ids: readonly string[],
): Promise<LockedRow[]> {
  return transaction.query<LockedRow[]>`
    SELECT found.* FROM (SELECT id FROM unnest(${ids}::uuid[]) AS named (id) ORDER BY id) asked, LATERAL (
      SELECT m.id, m.version, ${STAYS} FROM memories m
      WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.id = asked.id AND m.namespace = ${namespace}
        AND ${MAY_MERGE} LIMIT 1 FOR UPDATE OF m) found`;
}
