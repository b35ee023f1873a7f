import type { MemoryId, TenantScope } from '@soma/core';
import type { EmbeddingOnWrite, Memory } from '@soma/memory';
import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '../connection/transaction.js';
import type { Sealing } from '../encryption/sealing.js';

/** The vector of one written memory, under the id it has in the index. */
export interface IndexEntryRow {
  readonly memoryId: string;
  readonly namespace: string;
  readonly entryId: string;
  readonly embedding: EmbeddingOnWrite;
}

export const stateOf = (embedding: EmbeddingOnWrite): Memory['embedding'] =>
  embedding === 'pending' ? 'pending' : 'ready';

/**
 * Takes away the vectors of memories, and queues their index entries for removal; those that were to
 * be made are made no more. An insertion still queued comes before its removal, and is kept in order.
 * @returns how many vectors there were, and how many were still to be made.
 */
export async function clearEntries(
  transaction: Transaction,
  scope: TenantScope,
  ids: readonly (MemoryId | string)[],
): Promise<{ embeddings: number; unmade: number }> {
  const [row] = await transaction.query<{ embeddings: number; unmade: number }[]>`
    WITH entries AS (
      DELETE FROM embeddings
      WHERE tenant_id = ${scope.tenantId}::uuid AND memory_id = ANY (${ids}::uuid[])
      RETURNING entry_id, model
    ), unmade AS (
      DELETE FROM index_outbox
      WHERE tenant_id = ${scope.tenantId}::uuid AND operation = 'embed'
        AND entry_id = ANY (${ids}::uuid[])
      RETURNING 1
    ), queued AS (
      INSERT INTO index_outbox (tenant_id, operation, entry_id, model)
      SELECT ${scope.tenantId}::uuid, 'remove', entry_id, model FROM entries
    )
    SELECT (SELECT count(*) FROM entries)::int AS embeddings,
      (SELECT count(*) FROM unmade)::int AS unmade`;
  return row ?? { embeddings: 0, unmade: 0 };
}

/**
 * Writes vectors and queues them for the index; those of models that are in use, and were not made,
 * are queued for the embedder. The transaction holds its namespaces: a model that comes into use
 * later finds these memories written.
 */
export async function writeEntries(
  transaction: Transaction,
  scope: TenantScope,
  rows: readonly IndexEntryRow[],
  sealing: Sealing,
): Promise<void> {
  const vectors = vectorRows(rows, sealing);
  await writeVectors(transaction, scope, vectors);
  const [ids, models] = [vectors.map(({ memory_id: id }) => id), vectors.map(({ model }) => model)];
  await transaction.execute`
    INSERT INTO index_outbox (tenant_id, operation, entry_id, model)
    SELECT ${scope.tenantId}::uuid, 'embed', asked.id, coalesce(used.model, '')
    FROM unnest(${rows.map(({ memoryId }) => memoryId)}::uuid[]) AS asked (id)
    LEFT JOIN embedding_models used ON used.state NOT IN ('dropping', 'dropped')
    WHERE NOT EXISTS (
      SELECT 1 FROM unnest(${ids}::uuid[], ${models}::text[]) AS made (id, model)
      WHERE made.id = asked.id AND made.model = coalesce(used.model, made.model))`;
}

interface VectorRow {
  readonly memory_id: string;
  readonly namespace: string;
  readonly entry_id: string;
  readonly model: string;
  readonly dimension: number;
  readonly vector: string;
}

/** Every model's vector is an entry of its own. */
function vectorRows(rows: readonly IndexEntryRow[], sealing: Sealing): VectorRow[] {
  return rows.flatMap(({ memoryId, namespace, entryId, embedding }) => {
    if (embedding === 'pending') return [];
    return [embedding, ...(embedding.besides ?? [])].map(({ model, vector }, at) => ({
      memory_id: memoryId,
      namespace,
      entry_id: at === 0 ? entryId : uuidv7(),
      model,
      dimension: vector.length,
      vector: sealing.vector(memoryId, vector).toString('base64'),
    }));
  });
}

/** Not those of a model that is being dropped, nor one that another has written first. */
async function writeVectors(
  transaction: Transaction,
  scope: TenantScope,
  rows: readonly VectorRow[],
): Promise<void> {
  if (rows.length === 0) return;
  await transaction.execute`
    WITH d AS MATERIALIZED (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS d (memory_id uuid,
        namespace text, entry_id uuid, model text, dimension integer, vector text)
      WHERE d.model NOT IN (
        SELECT gone.model FROM embedding_models gone WHERE gone.state IN ('dropping', 'dropped'))
    ), entries AS (
      INSERT INTO embeddings
        (tenant_id, memory_id, namespace, entry_id, model, dimension, vector, superseded)
      SELECT ${scope.tenantId}::uuid, memory_id, namespace, entry_id, model, dimension,
        decode(vector, 'base64'), EXISTS (SELECT 1 FROM facts f
          WHERE f.tenant_id = ${scope.tenantId}::uuid AND f.memory_id = d.memory_id
            AND f.superseded_by IS NOT NULL)
      FROM d
      ON CONFLICT (tenant_id, memory_id, model) DO NOTHING
      RETURNING entry_id, model, superseded
    )
    INSERT INTO index_outbox (tenant_id, operation, entry_id, model)
    SELECT ${scope.tenantId}::uuid, 'insert', entry_id, model FROM entries WHERE NOT superseded`;
}

/** Writes vectors made later, and nothing else. */
export function addVectors(
  transaction: Transaction,
  scope: TenantScope,
  rows: readonly IndexEntryRow[],
  sealing: Sealing,
): Promise<void> {
  return writeVectors(transaction, scope, vectorRows(rows, sealing));
}

/** More models than a memory ever has vectors of. */
const MOST_MODELS = 8;

/** Gives the unchanged vectors of a changed memory to the index again, as new entries. */
export async function renewEntry(
  transaction: Transaction,
  scope: TenantScope,
  memoryId: string,
): Promise<void> {
  const entryIds = Array.from({ length: MOST_MODELS }, () => uuidv7());
  await transaction.execute`
    WITH old AS (
      SELECT entry_id, model, row_number() OVER (ORDER BY model) AS number FROM embeddings
      WHERE tenant_id = ${scope.tenantId}::uuid AND memory_id = ${memoryId}::uuid
        AND NOT superseded
    ), fresh AS (
      SELECT old.entry_id, old.model, f.entry_id AS fresh_id FROM old
      JOIN unnest(${entryIds}::uuid[]) WITH ORDINALITY AS f (entry_id, number) USING (number)
    ), renewed AS (
      UPDATE embeddings e SET entry_id = fresh.fresh_id, indexed_at = 'infinity' FROM fresh
      WHERE e.tenant_id = ${scope.tenantId}::uuid AND e.memory_id = ${memoryId}::uuid
        AND e.model = fresh.model
    )
    INSERT INTO index_outbox (tenant_id, operation, entry_id, model)
    SELECT ${scope.tenantId}::uuid, 'insert', fresh_id, model FROM fresh
    UNION ALL SELECT ${scope.tenantId}::uuid, 'remove', entry_id, model FROM fresh`;
}

/** Takes the entries of superseded facts out of the index, and keeps their vectors. */
export async function retireEntries(
  transaction: Transaction,
  scope: TenantScope,
  ids: readonly string[],
): Promise<void> {
  await transaction.execute`
    WITH retired AS (
      UPDATE embeddings SET superseded = true
      WHERE tenant_id = ${scope.tenantId}::uuid AND memory_id = ANY (${ids}::uuid[])
        AND NOT superseded
      RETURNING entry_id, model
    )
    INSERT INTO index_outbox (tenant_id, operation, entry_id, model)
    SELECT ${scope.tenantId}::uuid, 'remove', entry_id, model FROM retired`;
}

/** Gives the vectors of facts that are in force again to the index, as new entries. */
export async function restoreEntries(
  transaction: Transaction,
  scope: TenantScope,
  ids: readonly string[],
): Promise<void> {
  await transaction.execute`
    WITH restored AS (
      UPDATE embeddings
      SET superseded = false, entry_id = gen_random_uuid(), indexed_at = 'infinity'
      WHERE tenant_id = ${scope.tenantId}::uuid AND memory_id = ANY (${ids}::uuid[])
        AND superseded
      RETURNING entry_id, model
    )
    INSERT INTO index_outbox (tenant_id, operation, entry_id, model)
    SELECT ${scope.tenantId}::uuid, 'insert', entry_id, model FROM restored`;
}
