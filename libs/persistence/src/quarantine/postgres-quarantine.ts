import { Injectable } from '@nestjs/common';
import { memoryId, parseCoordinate, type TenantScope } from '@soma/core';
import {
  Quarantine,
  type QuarantinedWrite,
  type QuarantinePage,
  type QuarantineTarget,
} from '@soma/memory';
import { v7 as uuidv7 } from 'uuid';
import { appendEvent } from '../audit/audit-row.js';
import { Database } from '../connection/database.js';
import { noteBatch } from '../deletion/receipt-progress.js';
import { newSalt } from '../deletion/remove-memories.js';
import { RowCipher } from '../encryption/row-cipher.js';
import { Prisma } from '../generated/client.js';
import { holdNamespace } from '../memory/namespace-lock.js';
import { type QuarantineRow, snapshotsOf } from './open-snapshots.js';
import { removeQuarantined } from './remove-quarantined.js';

@Injectable()
export class PostgresQuarantine extends Quarantine {
  constructor(
    private readonly database: Database,
    private readonly cipher: RowCipher,
  ) {
    super();
  }

  list(
    scope: TenantScope,
    { token, namespace, ...page }: QuarantinePage,
  ): Promise<QuarantinedWrite[]> {
    return this.read(
      scope,
      Prisma.sql`${token === undefined ? Prisma.sql`true` : Prisma.sql`q.written_by = ${token}`}
        AND ${namespace === undefined ? Prisma.sql`true` : Prisma.sql`q.namespace = ${namespace}`}`,
      page,
    );
  }

  find(
    scope: TenantScope,
    target: QuarantineTarget,
    page: Pick<QuarantinePage, 'after' | 'limit'>,
  ): Promise<QuarantinedWrite[]> {
    return this.read(scope, meantBy(target), page);
  }

  take(scope: TenantScope, { id, draft }: QuarantinedWrite): Promise<boolean> {
    return this.database.withTenant(scope, async (transaction) => {
      await holdNamespace(transaction, scope, draft.namespace);
      const taken = await transaction.execute`
        DELETE FROM quarantined_writes
        WHERE tenant_id = ${scope.tenantId}::uuid AND id = ${id}::uuid`;
      if (taken === 0) return false;
      await transaction.execute`${appendEvent(scope, {
        action: 'quarantine.release',
        targetKind: 'memory',
        target: id,
        outcome: 'done',
        details: {},
      })}`;
      return true;
    });
  }

  reject(
    scope: TenantScope,
    target: QuarantineTarget,
    limit: number,
  ): Promise<{ receiptId: string; deleted: number } | undefined> {
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<{ id: string }[]>`
        SELECT q.id FROM quarantined_writes q
        WHERE q.tenant_id = ${scope.tenantId}::uuid AND ${meantBy(target)}
        ORDER BY q.id LIMIT ${limit} FOR UPDATE`;
      if (rows.length === 0) return undefined;
      const receipt = { id: uuidv7(), salt: newSalt() };
      await transaction.execute`
        INSERT INTO deletions (tenant_id, id, kind, salt, target)
        VALUES (${scope.tenantId}::uuid, ${receipt.id}::uuid, 'quarantine', ${receipt.salt}, NULL)`;
      await transaction.execute`${appendEvent(scope, {
        action: 'quarantine.reject',
        targetKind: 'deletion',
        target: receipt.id,
        outcome: 'accepted',
        details: { kind: 'quarantine' },
      })}`;
      const ids = rows.map(({ id }) => id);
      const removed = await removeQuarantined(transaction, scope, ids, receipt);
      const deleted = removed['quarantined_writes'] ?? 0;
      await noteBatch(transaction, scope, receipt.id, {
        removed: { ...removed, memories: deleted },
        lastId: null,
        done: true,
      });
      return { receiptId: receipt.id, deleted };
    });
  }

  count(scope: TenantScope, target: QuarantineTarget): Promise<number> {
    return this.database.withTenant(scope, async (transaction) => {
      const [row] = await transaction.query<{ count: number }[]>`
        SELECT count(*)::int AS count FROM quarantined_writes q
        WHERE q.tenant_id = ${scope.tenantId}::uuid AND ${meantBy(target)}`;
      return row?.count ?? 0;
    });
  }

  private read(
    scope: TenantScope,
    where: Prisma.Sql,
    { after, limit }: Pick<QuarantinePage, 'after' | 'limit'>,
  ): Promise<QuarantinedWrite[]> {
    const next = after === undefined ? Prisma.empty : Prisma.sql`AND q.id > ${after}::uuid`;
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<QuarantineRow[]>`
        SELECT q.id, q.namespace, q.coordinate, q.written_by, q.written_at, q.snapshot
        FROM quarantined_writes q
        WHERE q.tenant_id = ${scope.tenantId}::uuid AND ${where} ${next}
        ORDER BY q.id LIMIT ${limit}`;
      const snapshots = await snapshotsOf(scope, rows, this.cipher);
      return snapshots.map(({ row, snapshot }) => ({
        id: memoryId(row.id),
        writtenBy: row.written_by,
        writtenAt: row.written_at,
        draft: {
          ...snapshot,
          prediction: snapshot.prediction ?? null,
          slot: snapshot.slot ?? null,
          valid_from: snapshot.valid_from ?? null,
          id: memoryId(row.id),
          namespace: row.namespace,
          coordinate: parseCoordinate(row.coordinate),
        },
      }));
    });
  }
}

function meantBy(target: QuarantineTarget): Prisma.Sql {
  if (target.kind === 'ids') return Prisma.sql`q.id = ANY (${target.ids}::uuid[])`;
  const { token, since } = target;
  const from = since === undefined ? Prisma.empty : Prisma.sql`AND q.written_at >= ${since}`;
  return Prisma.sql`q.written_by = ${token} ${from}`;
}
