import { Injectable } from '@nestjs/common';
import { type MemoryId, memoryId, tenantId, TenantScope } from '@soma/core';
import { EmbeddingQueue, type EmbeddedText, type PendingText } from '@soma/indexing';
import { v7 as uuidv7 } from 'uuid';
import { Database } from '../connection/database.js';
import { writeEntries } from '../memory/index-entries.js';

/** Rows of the outbox whose operation is 'embed'; their entry_id is the memory's. */
@Injectable()
export class PostgresEmbeddingQueue extends EmbeddingQueue {
  constructor(private readonly database: Database) {
    super();
  }

  claim(limit: number, leaseMs: number): Promise<PendingText[]> {
    return this.database.withSystem(async (transaction) => {
      const rows = await transaction.$queryRaw<
        { id: string; tenant_id: string; entry_id: string; attempts: number }[]
      >`
        UPDATE index_outbox o
        SET available_at = now() + make_interval(secs => ${leaseMs / 1000}::float8),
          attempts = o.attempts + 1
        WHERE o.id IN (
          SELECT t.id FROM index_outbox t
          WHERE t.operation = 'embed' AND t.available_at <= now()
          ORDER BY t.id LIMIT ${limit} FOR UPDATE SKIP LOCKED)
        RETURNING o.id::text, o.tenant_id, o.entry_id, o.attempts`;
      return rows.map((row) => ({
        id: row.id,
        scope: TenantScope.of(tenantId(row.tenant_id)),
        memoryId: memoryId(row.entry_id),
        attempts: row.attempts,
      }));
    });
  }

  contents(scope: TenantScope, ids: readonly MemoryId[]): Promise<Map<MemoryId, string>> {
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<{ id: MemoryId; content: string }[]>`
        SELECT m.id, m.content FROM memories m
        WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.id = ANY (${ids}::uuid[])
          AND NOT EXISTS (SELECT 1 FROM embeddings e
            WHERE e.tenant_id = m.tenant_id AND e.memory_id = m.id)`;
      return new Map(rows.map(({ id, content }) => [id, content]));
    });
  }

  complete(
    scope: TenantScope,
    texts: readonly PendingText[],
    embedded: readonly EmbeddedText[],
  ): Promise<void> {
    return this.database.withTenant(scope, async (transaction) => {
      const ids = embedded.map((text) => text.memoryId);
      const rows = await transaction.query<{ id: MemoryId; namespace: string; content: string }[]>`
        SELECT m.id, m.namespace, m.content FROM memories m
        WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.id = ANY (${ids}::uuid[])
          AND NOT EXISTS (SELECT 1 FROM embeddings e
            WHERE e.tenant_id = m.tenant_id AND e.memory_id = m.id)
        ORDER BY m.id FOR UPDATE OF m`;
      const unchanged = new Map(rows.map((row) => [row.id, row]));
      const entries = embedded.flatMap((text) => {
        const row = unchanged.get(text.memoryId);
        if (row?.content !== text.content) return [];
        const { memoryId: id, embedding } = text;
        return [{ memoryId: id, namespace: row.namespace, entryId: uuidv7(), embedding }];
      });
      if (entries.length > 0) await writeEntries(transaction, scope, entries);
      await transaction.execute`
        DELETE FROM index_outbox WHERE tenant_id = ${scope.tenantId}::uuid
          AND id = ANY (${texts.map(({ id }) => id)}::bigint[])`;
    });
  }

  async retry(texts: readonly PendingText[], delayMs: number): Promise<void> {
    await this.database.withSystem(
      (transaction) => transaction.$executeRaw`
        UPDATE index_outbox SET available_at = now() + make_interval(secs => ${delayMs / 1000}::float8)
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
}
