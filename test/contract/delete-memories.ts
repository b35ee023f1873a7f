import type { TenantScope } from '@soma/core';
import type { DeletionTarget } from '@soma/memory';
import { type Database, PostgresMemoryDeletions } from '@soma/persistence';

/** Deletes all of them. @returns how many there were. */
export async function deleteMemories(
  database: Database,
  scope: TenantScope,
  target: DeletionTarget,
): Promise<number> {
  const deletions = new PostgresMemoryDeletions(database);
  let progress = await deletions.begin(scope, { kind: 'memories', target });
  while (progress && !progress.done) {
    progress = await deletions.advance(scope, progress.receipt_id);
  }
  return progress?.deleted ?? 0;
}
