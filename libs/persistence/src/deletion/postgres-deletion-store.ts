import { Injectable } from '@nestjs/common';
import { type MemoryId, memoryId, tenantId, type TenantId, TenantScope } from '@soma/core';
import {
  type ClaimedDeletion,
  type DeletedMemory,
  type DeletionKind,
  type DeletionNotice,
  type DeletionStatus,
  DeletionStore,
  type Leftovers,
  type StoredReceipt,
  type TenantProgress,
  type Verification,
} from '@soma/deletion';
import { appendEvent } from '../audit/audit-row.js';
import { Database } from '../connection/database.js';
import { bytesToVector } from '../memory/vector-bytes.js';
import { RECEIPT_COLUMNS, receiptOfRow, type ReceiptRow } from './receipt-row.js';
import { rowsOfMemories, rowsOfTenant } from './rows-left.js';
import { advanceTenant, beginTenant, dropTenant } from './tenant-deletion.js';

const HASHES_SHOWN = 1_000;
/** No transaction that deletes lasts longer than this less a poll. */
const RECENT_SECONDS = 30;

interface ClaimedRow {
  id: string;
  tenant_id: string;
  kind: DeletionKind;
  status: DeletionStatus;
  attempts: number;
}

interface DeletedRow {
  hash: string;
  memory_id: MemoryId;
  entry_id: string | null;
  model: string;
  namespace: string;
  vector: Uint8Array | null;
  text_digests: string[];
}

@Injectable()
export class PostgresDeletionStore extends DeletionStore {
  constructor(private readonly database: Database) {
    super();
  }

  claim(limit: number, leaseMs: number): Promise<ClaimedDeletion[]> {
    return this.database.withSystem(async (transaction) => {
      const rows = await transaction.$queryRaw<ClaimedRow[]>`
        UPDATE deletions d SET attempts = d.attempts + 1,
          available_at = now() + make_interval(secs => ${leaseMs / 1000}::float8)
        WHERE (d.tenant_id, d.id) IN (
          SELECT tenant_id, id FROM deletions
          WHERE status <> 'verified' AND available_at <= now()
          ORDER BY available_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
        RETURNING d.id, d.tenant_id, d.kind, d.status, d.attempts`;
      return rows.map(({ tenant_id: tenant, ...row }) => ({
        ...row,
        scope: TenantScope.of(tenantId(tenant)),
      }));
    });
  }

  advanceTenant(scope: TenantScope, id: string): Promise<TenantProgress> {
    return advanceTenant(this.database, scope, id);
  }

  beginTenant(tenant: TenantId): Promise<StoredReceipt | undefined> {
    return beginTenant(this.database, TenantScope.of(tenant));
  }

  dropTenant(scope: TenantScope): Promise<void> {
    return dropTenant(this.database, scope);
  }

  deleted(
    scope: TenantScope,
    id: string,
    limit: number,
    after = '',
  ): Promise<{ memories: DeletedMemory[]; last?: string }> {
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<DeletedRow[]>`
        SELECT hash, memory_id, entry_id, model, namespace, vector, text_digests
        FROM deletion_memories
        WHERE tenant_id = ${scope.tenantId}::uuid AND deletion_id = ${id}::uuid AND hash > ${after}
          AND memory_id IS NOT NULL
        ORDER BY hash LIMIT ${limit}`;
      const last = rows.length === limit ? rows.at(-1)?.hash : undefined;
      return { memories: rows.map(deletedMemory), last };
    });
  }

  /** A parked insertion of another memory must not keep a receipt waiting. */
  tasksLeft(scope: TenantScope, id: string): Promise<number> {
    return this.database.withTenant(scope, async (transaction) => {
      const [row] = await transaction.query<{ tasks: number }[]>`
        SELECT count(*)::int AS tasks FROM index_outbox o
        WHERE o.tenant_id = ${scope.tenantId}::uuid AND o.operation <> 'embed'
          AND o.id <= (SELECT d.removed_upto FROM deletions d
            WHERE d.tenant_id = ${scope.tenantId}::uuid AND d.id = ${id}::uuid)
          AND (o.operation = 'remove' OR o.parked_at IS NULL)`;
      return row?.tasks ?? 0;
    });
  }

  rowsLeft(scope: TenantScope, deleted: readonly DeletedMemory[]): Promise<Leftovers> {
    const ids = {
      memories: deleted.map(({ memoryId: id }) => id),
      entries: deleted.flatMap(({ entry }) => entry?.id ?? []),
    };
    return this.database.withTenant(scope, async (transaction) => {
      // A token that is kept to namespaces sees no link in the archive, and could not delete one.
      await transaction.execute`
        DELETE FROM archived_links WHERE tenant_id = ${scope.tenantId}::uuid
          AND (from_id = ANY (${ids.memories}::uuid[]) OR to_id = ANY (${ids.memories}::uuid[]))`;
      return rowsOfMemories(transaction, scope, ids);
    });
  }

  rowsOfTenant(scope: TenantScope): Promise<Leftovers> {
    return this.database.withTenant(scope, (transaction) => rowsOfTenant(transaction, scope));
  }

  async note(
    { scope, id, kind }: ClaimedDeletion,
    { status, verification }: { status: DeletionStatus; verification: Verification },
    delayMs: number,
  ): Promise<void> {
    await this.database.withTenant(scope, async (transaction) => {
      const verified = status === 'verified';
      await transaction.execute`
        UPDATE deletions SET status = ${status},
          verification = ${JSON.stringify(verification)}::jsonb,
          verified_at = CASE WHEN ${verified} THEN clock_timestamp() END,
          available_at = now() + make_interval(secs => ${delayMs / 1000}::float8)
        WHERE tenant_id = ${scope.tenantId}::uuid AND id = ${id}::uuid`;
      if (!verified) return;
      await transaction.execute`
        UPDATE deletion_memories SET memory_id = NULL, entry_id = NULL, model = NULL,
          namespace = NULL, vector = NULL, text_digests = '{}'
        WHERE tenant_id = ${scope.tenantId}::uuid AND deletion_id = ${id}::uuid`;
      const [receipt] = await transaction.query<{ memories: number; removed: object }[]>`
        SELECT memories, removed FROM deletions
        WHERE tenant_id = ${scope.tenantId}::uuid AND id = ${id}::uuid`;
      await transaction.execute`${appendEvent(scope, {
        action: 'deletions.verify',
        targetKind: 'deletion',
        target: id,
        outcome: 'done',
        details: { kind, ...receipt, ...verification },
      })}`;
    });
  }

  async putOff({ scope, id }: ClaimedDeletion, delayMs: number): Promise<void> {
    await this.database.withSystem(
      (transaction) => transaction.$executeRaw`
        UPDATE deletions SET available_at = now() + make_interval(secs => ${delayMs / 1000}::float8)
        WHERE tenant_id = ${scope.tenantId}::uuid AND id = ${id}::uuid`,
    );
  }

  find(scope: TenantScope, id: string): Promise<StoredReceipt | undefined> {
    return this.database.withTenant(scope, async (transaction) => {
      const [row] = await transaction.query<ReceiptRow[]>`
        SELECT ${RECEIPT_COLUMNS} FROM deletions d
        WHERE d.tenant_id = ${scope.tenantId}::uuid AND d.id = ${id}::uuid
          AND (${scope.namespaces === undefined} OR d.ordered_by = ${scope.writer.tokenId})`;
      if (!row) return undefined;
      const hashes = await transaction.query<{ hash: string }[]>`
        SELECT hash FROM deletion_memories
        WHERE tenant_id = ${scope.tenantId}::uuid AND deletion_id = ${id}::uuid
        ORDER BY hash LIMIT ${HASHES_SHOWN}`;
      return receiptOfRow(
        row,
        hashes.map(({ hash }) => hash),
      );
    });
  }

  async findAnyones(id: string): Promise<StoredReceipt | undefined> {
    const rows = await this.database.withSystem(
      (transaction) => transaction.$queryRaw<{ tenant_id: string }[]>`
        SELECT tenant_id FROM deletions WHERE id = ${id}::uuid`,
    );
    return rows[0] && this.find(TenantScope.of(tenantId(rows[0].tenant_id)), id);
  }

  has(scope: TenantScope, id: string, hash: string): Promise<boolean> {
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<unknown[]>`
        SELECT 1 FROM deletion_memories
        WHERE tenant_id = ${scope.tenantId}::uuid AND deletion_id = ${id}::uuid AND hash = ${hash}`;
      return rows.length > 0;
    });
  }

  recent(): Promise<DeletionNotice[]> {
    return this.database.withSystem(async (transaction) => {
      const rows = await transaction.$queryRaw<{ tenant_id: string; id: string; at: Date }[]>`
        SELECT tenant_id, id, changed_at AS at FROM deletions
        WHERE changed_at > now() - make_interval(secs => ${RECENT_SECONDS}::float8)`;
      return rows.map((row) => ({
        tenantId: tenantId(row.tenant_id),
        id: row.id,
        changedAt: row.at,
      }));
    });
  }
}

const deletedMemory = (row: DeletedRow): DeletedMemory => ({
  memoryId: memoryId(row.memory_id),
  ...(row.entry_id !== null && {
    entry: { id: row.entry_id, model: row.model, namespace: row.namespace },
  }),
  ...(row.vector && { vector: bytesToVector(row.vector) }),
  textDigests: row.text_digests,
});
