import type { MemoryId, TenantScope } from '@soma/core';
import type { EmbeddingOnWrite, Memory, MemoryEmbedding } from '@soma/memory';
import type { Transaction } from '../connection/transaction.js';
import { vectorToBytes } from './vector-bytes.js';

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
 * be made are made no more.
 */
export async function clearEntries(
  transaction: Transaction,
  scope: TenantScope,
  ids: readonly (MemoryId | string)[],
): Promise<void> {
  await transaction.execute`
    WITH entries AS (
      DELETE FROM embeddings
      WHERE tenant_id = ${scope.tenantId}::uuid AND memory_id = ANY (${ids}::uuid[])
      RETURNING entry_id, model
    ), unmade AS (
      DELETE FROM index_outbox
      WHERE tenant_id = ${scope.tenantId}::uuid AND operation = 'embed'
        AND entry_id = ANY (${ids}::uuid[])
    )
    INSERT INTO index_outbox (tenant_id, operation, entry_id, model)
    SELECT ${scope.tenantId}::uuid, 'remove', entry_id, model FROM entries`;
}

/** Writes vectors and queues them for the index; those still to be made are queued for the embedder. */
export async function writeEntries(
  transaction: Transaction,
  scope: TenantScope,
  rows: readonly IndexEntryRow[],
): Promise<void> {
  const pending = rows.filter(({ embedding }) => embedding === 'pending');
  const made = rows.flatMap(({ embedding, ...row }) =>
    embedding === 'pending' ? [] : [{ ...row, embedding }],
  );
  if (made.length > 0) await writeVectors(transaction, scope, made);
  if (pending.length > 0) {
    await transaction.execute`
      INSERT INTO index_outbox (tenant_id, operation, entry_id, model)
      SELECT ${scope.tenantId}::uuid, 'embed', memory_id, ''
      FROM unnest(${pending.map(({ memoryId }) => memoryId)}::uuid[]) AS p (memory_id)`;
  }
}

async function writeVectors(
  transaction: Transaction,
  scope: TenantScope,
  rows: readonly (IndexEntryRow & { readonly embedding: MemoryEmbedding })[],
): Promise<void> {
  const json = JSON.stringify(
    rows.map(({ embedding, ...row }) => ({
      memory_id: row.memoryId,
      namespace: row.namespace,
      entry_id: row.entryId,
      model: embedding.model,
      dimension: embedding.vector.length,
      vector: vectorToBytes(embedding.vector).toString('base64'),
    })),
  );
  await transaction.execute`
    WITH d AS MATERIALIZED (
      SELECT * FROM jsonb_to_recordset(${json}::jsonb) AS d (memory_id uuid, namespace text,
        entry_id uuid, model text, dimension integer, vector text)
    ), entries AS (
      INSERT INTO embeddings (tenant_id, memory_id, namespace, entry_id, model, dimension, vector)
      SELECT ${scope.tenantId}::uuid, memory_id, namespace, entry_id, model, dimension,
        decode(vector, 'base64') FROM d
    )
    INSERT INTO index_outbox (tenant_id, operation, entry_id, model)
    SELECT ${scope.tenantId}::uuid, 'insert', entry_id, model FROM d`;
}

/** Gives the unchanged vector of a changed memory to the index again, as a new entry. */
export async function renewEntry(
  transaction: Transaction,
  scope: TenantScope,
  memoryId: string,
  entryId: string,
): Promise<void> {
  await transaction.execute`
    WITH old AS (
      SELECT entry_id, model FROM embeddings
      WHERE tenant_id = ${scope.tenantId}::uuid AND memory_id = ${memoryId}::uuid
    ), renewed AS (
      UPDATE embeddings SET entry_id = ${entryId}::uuid, indexed_at = 'infinity'
      WHERE tenant_id = ${scope.tenantId}::uuid AND memory_id = ${memoryId}::uuid
    )
    INSERT INTO index_outbox (tenant_id, operation, entry_id, model)
    SELECT ${scope.tenantId}::uuid, 'insert', ${entryId}::uuid, model FROM old
    UNION ALL SELECT ${scope.tenantId}::uuid, 'remove', entry_id, model FROM old`;
}
