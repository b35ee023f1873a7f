import type { MemoryId, TenantScope } from '@soma/core';
import type { MemoryEmbedding } from '@soma/memory';
import type { Transaction } from '../connection/transaction.js';
import { vectorToBytes } from './vector-bytes.js';

/** What the index and the lexical arm need of one written memory. */
export interface DerivedRow {
  readonly memoryId: string;
  readonly namespace: string;
  readonly entryId: string;
  readonly content: string;
  readonly embedding: MemoryEmbedding;
}

/** A longer lexeme would not fit the key of the postings. */
export const MAX_LEXEME_BYTES = 256;

/**
 * Takes away what was derived from memories about to be derived anew or deleted, and queues their
 * index entries for removal.
 */
export async function clearDerived(
  transaction: Transaction,
  scope: TenantScope,
  ids: readonly (MemoryId | string)[],
): Promise<void> {
  await transaction.execute`
    WITH words AS (
      DELETE FROM postings
      WHERE tenant_id = ${scope.tenantId}::uuid AND memory_id = ANY (${ids}::uuid[])
      RETURNING memory_id, term_frequency
    ), entries AS (
      DELETE FROM embeddings
      WHERE tenant_id = ${scope.tenantId}::uuid AND memory_id = ANY (${ids}::uuid[])
      RETURNING memory_id, namespace, entry_id, model
    ), queued AS (
      INSERT INTO index_outbox (tenant_id, operation, entry_id, model)
      SELECT ${scope.tenantId}::uuid, 'remove', entry_id, model FROM entries
    ), lengths AS (
      SELECT memory_id, sum(term_frequency) AS length FROM words GROUP BY memory_id
    ), change AS (
      SELECT e.namespace, count(*) AS memories, coalesce(sum(l.length), 0) AS length
      FROM entries e LEFT JOIN lengths l USING (memory_id) GROUP BY e.namespace
    )
    UPDATE lexical_stats s
    SET memories = s.memories - c.memories, total_length = s.total_length - c.length
    FROM change c WHERE s.tenant_id = ${scope.tenantId}::uuid AND s.namespace = c.namespace`;
}

/**
 * Writes embeddings, queues them for the index, and writes postings. Called last in a transaction:
 * the row of counts is the one that all writers of a namespace share.
 */
export async function writeDerived(
  transaction: Transaction,
  scope: TenantScope,
  rows: readonly DerivedRow[],
): Promise<void> {
  const json = JSON.stringify(
    rows.map(({ embedding, ...row }) => ({
      memory_id: row.memoryId,
      namespace: row.namespace,
      entry_id: row.entryId,
      content: row.content,
      model: embedding.model,
      dimension: embedding.vector.length,
      vector: vectorToBytes(embedding.vector).toString('base64'),
    })),
  );
  await transaction.execute`
    WITH d AS MATERIALIZED (
      SELECT * FROM jsonb_to_recordset(${json}::jsonb) AS d (memory_id uuid, namespace text,
        entry_id uuid, content text, model text, dimension integer, vector text)
    ), entries AS (
      INSERT INTO embeddings (tenant_id, memory_id, namespace, entry_id, model, dimension, vector)
      SELECT ${scope.tenantId}::uuid, memory_id, namespace, entry_id, model, dimension,
        decode(vector, 'base64') FROM d
    ), queued AS (
      INSERT INTO index_outbox (tenant_id, operation, entry_id, model)
      SELECT ${scope.tenantId}::uuid, 'insert', entry_id, model FROM d
    ), words AS MATERIALIZED (
      SELECT d.memory_id, d.namespace, w.lexeme, cardinality(w.positions) AS term_frequency,
        sum(cardinality(w.positions)) OVER (PARTITION BY d.memory_id) AS length
      FROM d, unnest(to_tsvector('pg_catalog.english', d.content)) AS w
      WHERE octet_length(w.lexeme) <= ${MAX_LEXEME_BYTES}
    ), posted AS (
      INSERT INTO postings (tenant_id, namespace, lexeme, memory_id, term_frequency, length)
      SELECT ${scope.tenantId}::uuid, namespace, lexeme, memory_id, term_frequency, length
      FROM words
    ), lengths AS (
      SELECT d.namespace, count(DISTINCT d.memory_id) AS memories,
        coalesce(sum(w.term_frequency), 0) AS length
      FROM d LEFT JOIN words w USING (memory_id) GROUP BY d.namespace
    )
    INSERT INTO lexical_stats AS s (tenant_id, namespace, memories, total_length)
    SELECT ${scope.tenantId}::uuid, namespace, memories, length FROM lengths ORDER BY namespace
    ON CONFLICT (tenant_id, namespace) DO UPDATE SET
      memories = s.memories + excluded.memories,
      total_length = s.total_length + excluded.total_length`;
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
