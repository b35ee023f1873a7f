import type { TenantScope } from '@soma/core';
import type { Transaction } from '../connection/transaction.js';
import { removeMemories } from '../deletion/remove-memories.js';
import { ancestorsOf } from '../hierarchy/hierarchy-sources.js';
import type { StatisticsChange } from './lexical-statistics.js';
import { settleFacts } from './settle-facts.js';

/**
 * Settles the facts that these memories state as they now stand in the table, and takes away what was
 * drawn from those that are superseded by it: it is drawn anew without them.
 * @returns what the statistics change by it.
 */
export async function stateFacts(
  transaction: Transaction,
  scope: TenantScope,
  ids: readonly string[],
): Promise<StatisticsChange[]> {
  const { changes, superseded } = await settleFacts(transaction, scope, ids);
  if (superseded.length > 0) {
    const drawn = await ancestorsOf(transaction, scope, superseded);
    await removeMemories(transaction, scope, drawn);
  }
  return changes;
}
