import type { TenantScope } from '@soma/core';
import type { Merge } from '@soma/merging';
import { appendEvent } from '../audit/audit-row.js';
import type { Transaction } from '../connection/transaction.js';
import { mergedInto } from '../deletion/remove-memories.js';
import { archiveMemories } from '../forgetting/move-memories.js';
import { Prisma } from '../generated/client.js';
import { holdNamespaces } from '../memory/namespace-lock.js';
import { lockCandidates } from './candidate-row.js';

interface Merging {
  readonly namespace: string;
  readonly merges: readonly Merge[];
  readonly at: Date;
}

/** Of what was planned, merges each cluster that is as it was read. @returns those. */
export async function mergeMemories(
  transaction: Transaction,
  scope: TenantScope,
  { namespace, merges, at }: Merging,
): Promise<Merge[]> {
  await holdNamespaces(transaction, scope, Prisma.sql`unnest(${[namespace]}::text[])`);
  const ids = merges.flatMap(({ kept, members }) => [kept.id, ...members.map(({ id }) => id)]);
  const rows = await lockCandidates(transaction, scope, namespace, ids);
  const now = new Map(rows.map((row) => [row.id, row]));
  const done: Merge[] = [];
  for (const merge of merges) {
    const { kept, members, behind } = merge;
    const asRead =
      now.get(kept.id)?.version === kept.version &&
      members.every(({ id, candidate }) => {
        const row = now.get(id);
        return row?.version === candidate.version && !row.stays;
      });
    if (!asRead) continue;
    const cluster = [kept.id, ...members.map(({ id }) => id)];
    const standing = await mergedInto(transaction, scope, cluster);
    if (
      !areTheSame(
        standing,
        behind.map(({ id }) => id),
      )
    )
      continue;
    await mergeOne(transaction, scope, merge, at);
    done.push(merge);
  }
  return done;
}

async function mergeOne(
  transaction: Transaction,
  scope: TenantScope,
  { kept, members, behind }: Merge,
  at: Date,
): Promise<void> {
  const going = members.map(({ id, cosine, words }) => ({
    id,
    merged_into: kept.id,
    cosine,
    shared_words: words,
  }));
  await archiveMemories(transaction, scope, going, { at, purgeAt: undefined });
  await transaction.execute`
    UPDATE archived_memories a SET merged_into = ${kept.id}::uuid, cosine = d.cosine,
      shared_words = d.words
    FROM jsonb_to_recordset(${JSON.stringify(behind)}::jsonb) AS d (id uuid, cosine float8, words float8)
    WHERE a.tenant_id = ${scope.tenantId}::uuid AND a.id = d.id AND a.merged_into <> ${kept.id}::uuid`;
  const ids = members.map(({ id }) => id);
  await transaction.execute`${appendEvent(scope, {
    action: 'memories.merge',
    targetKind: 'memory',
    target: kept.id,
    outcome: 'done',
    details: { memories: ids.length },
    memoryIds: [kept.id, ...ids],
  })}`;
}

function areTheSame(left: readonly string[], right: readonly string[]): boolean {
  const there = new Set(left);
  return left.length === right.length && right.every((id) => there.has(id));
}
