import { Injectable } from '@nestjs/common';
import { type MemoryId, memoryId, tenantId, TenantScope } from '@soma/core';
import { EmbeddingQueue, type EmbeddedText, type PendingText } from '@soma/indexing';
import { treePartition } from '@soma/memory';
import { v7 as uuidv7 } from 'uuid';
import { Database } from '../connection/database.js';
import { type MaybeSealed, RowCipher } from '../encryption/row-cipher.js';
import { Prisma } from '../generated/client.js';
import { markVectors } from '../hierarchy/mark-episodes.js';
import { addVectors } from '../memory/index-entries.js';
import { holdFacts } from '../memory/settle-facts.js';
import { IS_DUE } from './clock-set-back.js';

interface TextRow extends MaybeSealed {
  id: MemoryId;
  namespace: string;
  derived: boolean;
}

const partitionOf = ({ namespace, derived }: TextRow): string =>
  derived ? treePartition(namespace) : namespace;

const TEXT_COLUMNS = Prisma.sql`m.id, m.namespace, m.derived, m.content, m.sealed_content,
  '{}'::jsonb AS payload, '{}'::jsonb AS metadata, NULL::bytea AS sealed_payload,
  NULL::bytea AS sealed_metadata`;

/** Rows of the outbox whose operation is 'embed'; their entry_id is the memory's. */
@Injectable()
export class PostgresEmbeddingQueue extends EmbeddingQueue {
  constructor(
    private readonly database: Database,
    private readonly cipher: RowCipher,
  ) {
    super();
  }

  claim(models: readonly string[], limit: number, leaseMs: number): Promise<PendingText[]> {
    return this.database.withSystem(async (transaction) => {
      const rows = await transaction.$queryRaw<
        {
          id: string;
          tenant_id: string;
          entry_id: string;
          attempts: number;
          traceparent: string | null;
        }[]
      >`
        UPDATE index_outbox o
        SET available_at = now() + make_interval(secs => ${leaseMs / 1000}::float8),
          attempts = o.attempts + 1
        WHERE o.id IN (
          SELECT t.id FROM index_outbox t
          WHERE t.operation = 'embed' AND ${IS_DUE}
            AND t.model = ANY (${models}::text[])
          ORDER BY t.id LIMIT ${limit} FOR UPDATE SKIP LOCKED)
        RETURNING o.id::text, o.tenant_id, o.entry_id, o.attempts, o.traceparent`;
      return rows.map((row) => ({
        id: row.id,
        scope: TenantScope.of(tenantId(row.tenant_id)),
        memoryId: memoryId(row.entry_id),
        attempts: row.attempts,
        ...(row.traceparent !== null && { traceparent: row.traceparent }),
      }));
    });
  }

  contents(
    scope: TenantScope,
    ids: readonly MemoryId[],
    model: string,
  ): Promise<Map<MemoryId, string>> {
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<TextRow[]>`
        SELECT ${TEXT_COLUMNS} FROM memories m
        WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.id = ANY (${ids}::uuid[])
          AND NOT EXISTS (SELECT 1 FROM embeddings e
            WHERE e.tenant_id = m.tenant_id AND e.memory_id = m.id AND e.model = ${model})`;
      const opened = await this.cipher.open(scope, rows);
      return new Map(opened.map(({ id, content }) => [id, content]));
    });
  }

  complete(
    scope: TenantScope,
    texts: readonly PendingText[],
    embedded: readonly EmbeddedText[],
  ): Promise<void> {
    return this.database.withTenant(scope, async (transaction) => {
      const ids = embedded.map((text) => text.memoryId);
      const models = embedded.map(({ embedding }) => embedding.model);
      const sealing = await this.cipher.sealing(transaction, scope);
      const rows = await transaction.query<TextRow[]>`
        SELECT ${TEXT_COLUMNS} FROM memories m
        JOIN unnest(${ids}::uuid[], ${models}::text[]) AS made (id, model) ON made.id = m.id
        WHERE m.tenant_id = ${scope.tenantId}::uuid
          AND NOT EXISTS (SELECT 1 FROM embeddings e
            WHERE e.tenant_id = m.tenant_id AND e.memory_id = m.id AND e.model = made.model)
        ORDER BY m.id FOR NO KEY UPDATE OF m`;
      await holdFacts(
        transaction,
        scope,
        rows.map(({ id }) => id),
      );
      const opened = await this.cipher.open(scope, rows);
      const unchanged = new Map(opened.map((row) => [row.id, row]));
      const entries = embedded.flatMap((text) => {
        const row = unchanged.get(text.memoryId);
        if (row?.content !== text.content) return [];
        const { memoryId: id, embedding } = text;
        return [{ memoryId: id, namespace: partitionOf(row), entryId: uuidv7(), embedding }];
      });
      await addVectors(transaction, scope, entries, sealing);
      await markVectors(transaction, scope, entries);
      await transaction.execute`
        DELETE FROM index_outbox WHERE tenant_id = ${scope.tenantId}::uuid
          AND id = ANY (${texts.map(({ id }) => id)}::bigint[])`;
    });
  }

  retry(texts: readonly PendingText[], delayMs: number): Promise<void> {
    return this.putOff(texts, delayMs, Prisma.sql`NULL`);
  }

  park(texts: readonly PendingText[], delayMs: number): Promise<void> {
    return this.putOff(texts, delayMs, Prisma.sql`now()`);
  }

  private async putOff(
    texts: readonly PendingText[],
    delayMs: number,
    parkedAt: Prisma.Sql,
  ): Promise<void> {
    await this.database.withSystem(
      (transaction) => transaction.$executeRaw`
        UPDATE index_outbox
        SET available_at = now() + make_interval(secs => ${delayMs / 1000}::float8),
          parked_at = ${parkedAt}
        WHERE id = ANY (${texts.map(({ id }) => id)}::bigint[])`,
    );
  }

  count(): Promise<number> {
    return this.database.withSystem(async (transaction) => {
      const [row] = await transaction.$queryRaw<{ waiting: number }[]>`
        SELECT count(*)::int AS waiting FROM index_outbox WHERE operation = 'embed'`;
      return row?.waiting ?? 0;
    });
  }

  oldestSeconds(): Promise<number> {
    return this.database.withSystem(async (transaction) => {
      const [row] = await transaction.$queryRaw<{ oldest: number }[]>`
        SELECT coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 AS oldest
        FROM index_outbox WHERE operation = 'embed' AND parked_at IS NULL`;
      return row?.oldest ?? 0;
    });
  }
}
