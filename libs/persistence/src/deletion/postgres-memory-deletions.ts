import { Injectable } from '@nestjs/common';
import type { TenantScope } from '@soma/core';
import {
  type DeletionOrder,
  type DeletionProgress,
  type DeletionTarget,
  MemoryDeletions,
} from '@soma/memory';
import { v7 as uuidv7 } from 'uuid';
import { appendEvent } from '../audit/audit-row.js';
import { Database } from '../connection/database.js';
import type { Transaction } from '../connection/transaction.js';
import { Prisma } from '../generated/client.js';
import { whereTarget } from '../memory/memory-where.js';
import { holdNamespaces, lockNamespace } from '../memory/namespace-lock.js';
import { dropNamespace, dropQuarantined } from './drop-namespace.js';
import { assertNoneHeld, assertNoneHeldNow, notHeld } from './legal-holds.js';
import { mergedInto, newSalt, nextBatch, removeMemories } from './remove-memories.js';
import { noteBatch } from './receipt-progress.js';

interface OpenDeletion {
  readonly id: string;
  readonly salt: Uint8Array;
  readonly target: DeletionTarget | null;
  readonly lastId: string | null;
}

interface OpenRow {
  salt: Uint8Array;
  target: DeletionTarget | null;
  last_id: string | null;
  memories: number;
}

@Injectable()
export class PostgresMemoryDeletions extends MemoryDeletions {
  constructor(private readonly database: Database) {
    super();
  }

  begin(
    scope: TenantScope,
    { kind, target }: DeletionOrder,
  ): Promise<DeletionProgress | undefined> {
    return this.database.withTenant(scope, async (transaction) => {
      await hold(transaction, scope, target);
      await assertNoneHeld(transaction, scope, target);
      const { ids, last } = await nextBatch(transaction, notHeld(scope, target), null);
      await assertNoneHeldNow(transaction, scope, ids);
      if (ids.length === 0 && target.kind !== 'namespace') return undefined;
      const [id, salt] = [uuidv7(), newSalt()];
      await transaction.execute`
        INSERT INTO deletions (tenant_id, id, kind, salt, target, ordered_by)
        VALUES (${scope.tenantId}::uuid, ${id}::uuid, ${kind}, ${salt},
          ${JSON.stringify(target)}::jsonb, ${scope.namespaces ? scope.writer.tokenId : null})`;
      await transaction.execute`${appendEvent(scope, {
        action: kind === 'namespace' ? 'namespaces.delete' : 'memories.delete',
        targetKind: 'deletion',
        target: id,
        outcome: 'accepted',
        details: { kind, memories: ids.length },
        memoryIds: [...ids, ...(await mergedInto(transaction, scope, ids))],
      })}`;
      return deleteBatch(transaction, scope, { id, salt, target, lastId: null }, { ids, last });
    });
  }

  advance(scope: TenantScope, receiptId: string): Promise<DeletionProgress> {
    return this.database.withTenant(scope, async (transaction) => {
      const planned = await openRow(transaction, scope, receiptId);
      if (planned.target) await hold(transaction, scope, planned.target);
      const row = await openRow(transaction, scope, receiptId, Prisma.sql`FOR UPDATE`);
      if (!row.target) return { receipt_id: receiptId, deleted: row.memories, done: true };
      const { salt, target, last_id: lastId } = row;
      const batch = await nextBatch(transaction, notHeld(scope, target), lastId);
      if (batch.ids.length > 0) {
        await transaction.execute`${appendEvent(scope, {
          action: target.kind === 'namespace' ? 'namespaces.delete' : 'memories.delete',
          targetKind: 'deletion',
          target: receiptId,
          outcome: 'done',
          details: { kind: 'batch', memories: batch.ids.length },
          memoryIds: [...batch.ids, ...(await mergedInto(transaction, scope, batch.ids))],
        })}`;
      }
      return deleteBatch(transaction, scope, { id: receiptId, salt, target, lastId }, batch);
    });
  }
}

/** A namespace that goes is locked against writers; the language of others only stays as it is. */
async function hold(
  transaction: Transaction,
  scope: TenantScope,
  target: DeletionTarget,
): Promise<void> {
  if (target.kind === 'namespace') return lockNamespace(transaction, scope, target.namespace);
  const namespaces =
    target.kind === 'filter'
      ? Prisma.sql`unnest(${[target.namespace]}::text[])`
      : Prisma.sql`(SELECT m.namespace FROM memories m WHERE ${whereTarget(scope, target)}
          UNION SELECT m.namespace FROM archived_memories m WHERE ${whereTarget(scope, target)})`;
  return holdNamespaces(transaction, scope, namespaces);
}

async function deleteBatch(
  transaction: Transaction,
  scope: TenantScope,
  open: OpenDeletion,
  { ids, last }: { readonly ids: readonly string[]; readonly last: boolean },
): Promise<DeletionProgress> {
  const removed = await removeMemories(transaction, scope, ids, open);
  if (last && open.target?.kind === 'namespace') {
    Object.assign(removed, await dropQuarantined(transaction, scope, open.target.namespace, open));
    Object.assign(removed, await dropNamespace(transaction, scope, open.target.namespace));
  }
  const deleted = await noteBatch(transaction, scope, open.id, {
    removed,
    lastId: ids.at(-1) ?? open.lastId,
    done: last,
  });
  return { receipt_id: open.id, deleted, done: last };
}

async function openRow(
  transaction: Transaction,
  scope: TenantScope,
  id: string,
  locking = Prisma.empty,
): Promise<OpenRow> {
  const [row] = await transaction.query<OpenRow[]>`
    SELECT salt, target, last_id, memories FROM deletions
    WHERE tenant_id = ${scope.tenantId}::uuid AND id = ${id}::uuid ${locking}`;
  if (!row) throw new Error(`There is no deletion ${id}.`);
  return row;
}
