import { Injectable } from '@nestjs/common';
import { tenantId, TenantScope } from '@soma/core';
import { type Backlog, IndexOutbox, type OutboxTask } from '@soma/indexing';
import type { IndexEntry } from '@soma/vector-index';
import { Database } from '../connection/database.js';
import { RowCipher } from '../encryption/row-cipher.js';
import { Prisma } from '../generated/client.js';
import { IS_DUE } from './clock-set-back.js';
import { entriesOfRows, ENTRY_COLUMNS, type EntryRow } from './entry-row.js';

@Injectable()
export class PostgresIndexOutbox extends IndexOutbox {
  constructor(
    private readonly database: Database,
    private readonly cipher: RowCipher,
  ) {
    super();
  }

  claim(limit: number, leaseMs: number): Promise<OutboxTask[]> {
    return this.database.withSystem(async (transaction) => {
      const rows = await transaction.$queryRaw<TaskRow[]>`
        UPDATE index_outbox o
        SET available_at = now() + make_interval(secs => ${leaseMs / 1000}::float8),
          attempts = o.attempts + 1, parked_at = NULL
        WHERE o.id IN (
          SELECT t.id FROM index_outbox t
          WHERE ${IS_DUE} AND t.operation <> 'embed' AND NOT EXISTS (
            SELECT 1 FROM index_outbox earlier
            WHERE earlier.entry_id = t.entry_id AND earlier.id < t.id
              AND earlier.parked_at IS NULL)
          ORDER BY t.id LIMIT ${limit} FOR UPDATE SKIP LOCKED)
        RETURNING o.id::text, o.tenant_id, o.operation, o.entry_id, o.model, o.attempts,
          o.traceparent`;
      return rows.map((row) => ({
        id: row.id,
        scope: TenantScope.of(tenantId(row.tenant_id)),
        operation: row.operation,
        entryId: row.entry_id,
        model: row.model,
        attempts: row.attempts,
        ...(row.traceparent !== null && { traceparent: row.traceparent }),
      }));
    });
  }

  load(scope: TenantScope, entryIds: readonly string[]): Promise<IndexEntry[]> {
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<EntryRow[]>`
        SELECT ${ENTRY_COLUMNS} FROM embeddings e
        JOIN memories m ON m.tenant_id = e.tenant_id AND m.id = e.memory_id
        WHERE e.tenant_id = ${scope.tenantId}::uuid AND e.entry_id = ANY (${entryIds}::uuid[])
          AND NOT e.superseded`;
      return entriesOfRows(scope, rows, this.cipher);
    });
  }

  complete(
    scope: TenantScope,
    tasks: readonly OutboxTask[],
    indexedEntryIds: readonly string[],
  ): Promise<void> {
    return this.database.withTenant(scope, async (transaction) => {
      if (indexedEntryIds.length > 0) {
        await transaction.execute`
          UPDATE embeddings SET indexed_at = clock_timestamp()
          WHERE tenant_id = ${scope.tenantId}::uuid AND entry_id = ANY (${indexedEntryIds}::uuid[])`;
      }
      await transaction.execute`
        DELETE FROM index_outbox
        WHERE tenant_id = ${scope.tenantId}::uuid AND (id = ANY (${idsOf(tasks)}::bigint[])
          OR parked_at IS NOT NULL AND entry_id = ANY (${removedEntries(tasks)}::uuid[]))`;
    });
  }

  retry(tasks: readonly OutboxTask[], delayMs: number): Promise<void> {
    return this.putOff(tasks, delayMs, Prisma.sql`parked_at = NULL`);
  }

  giveBack(tasks: readonly OutboxTask[], delayMs: number): Promise<void> {
    return this.putOff(tasks, delayMs, Prisma.sql`attempts = greatest(attempts - 1, 0)`);
  }

  park(tasks: readonly OutboxTask[], delayMs: number): Promise<void> {
    return this.putOff(tasks, delayMs, Prisma.sql`parked_at = now()`);
  }

  backlog(): Promise<Backlog> {
    return this.database.withSystem(async (transaction) => {
      const [row] = await transaction.$queryRaw<BacklogRow[]>`
        SELECT count(*) FILTER (WHERE parked_at IS NULL)::int AS tasks,
          coalesce(extract(epoch FROM
            now() - min(created_at) FILTER (WHERE parked_at IS NULL)), 0)::float8 AS oldest,
          count(parked_at)::int AS parked
        FROM index_outbox WHERE operation <> 'embed'`;
      return {
        tasks: row?.tasks ?? 0,
        oldestSeconds: row?.oldest ?? 0,
        parked: row?.parked ?? 0,
      };
    });
  }

  forgetOldKeys(): Promise<number> {
    return this.database.withSystem(
      (transaction) => transaction.$executeRaw`
        DELETE FROM idempotency_keys WHERE created_at < now() - interval '24 hours'`,
    );
  }

  private async putOff(
    tasks: readonly OutboxTask[],
    delayMs: number,
    change: Prisma.Sql,
  ): Promise<void> {
    await this.database.withSystem(
      (transaction) => transaction.$executeRaw`
        UPDATE index_outbox
        SET available_at = now() + make_interval(secs => ${delayMs / 1000}::float8), ${change}
        WHERE id = ANY (${idsOf(tasks)}::bigint[])`,
    );
  }
}

interface BacklogRow {
  tasks: number;
  oldest: number;
  parked: number;
}

interface TaskRow {
  id: string;
  tenant_id: string;
  operation: 'insert' | 'remove';
  entry_id: string;
  model: string;
  attempts: number;
  traceparent: string | null;
}

const idsOf = (tasks: readonly OutboxTask[]): string[] => tasks.map((task) => task.id);

const removedEntries = (tasks: readonly OutboxTask[]): string[] =>
  tasks.filter(({ operation }) => operation === 'remove').map(({ entryId }) => entryId);
