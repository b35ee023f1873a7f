import type { TenantScope } from '@soma/core';
import type { Transaction } from '../connection/transaction.js';
import { appendEvent } from './audit-row.js';

/** Appends, in the transaction that did it, what was done to memories; nothing when it was to none. */
export async function tellOf(
  transaction: Transaction,
  scope: TenantScope,
  action: string,
  { ids, details }: { readonly ids: readonly string[]; readonly details: Record<string, unknown> },
): Promise<void> {
  if (ids.length === 0) return;
  await transaction.execute`${appendEvent(scope, {
    action,
    targetKind: 'memories',
    target: '',
    outcome: 'done',
    details: { memories: ids.length, ...details },
    memoryIds: ids,
  })}`;
}
