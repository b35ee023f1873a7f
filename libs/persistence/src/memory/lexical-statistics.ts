import type { TenantScope } from '@soma/core';
import type { Transaction } from '../connection/transaction.js';

/** What memories of one session (null: of none) add to a namespace's counts, or take from them. */
export interface StatisticsChange {
  readonly namespace: string;
  readonly session_key: number | null;
  readonly memories: number;
  readonly length: number;
  /** When the earliest of those added happened. */
  readonly started_at: Date | null;
}

/**
 * Counts the changes in. Called last in a transaction: the row of a namespace is the one that all its
 * writers share, and is taken before those of its sessions. A session starts with the earliest
 * memory it ever had, and ends with its last.
 */
export async function countChanges(
  transaction: Transaction,
  scope: TenantScope,
  changes: readonly StatisticsChange[],
): Promise<void> {
  if (changes.length === 0) return;
  const json = JSON.stringify(changes);
  await transaction.execute`
    INSERT INTO lexical_stats AS s (tenant_id, namespace, memories, total_length)
    SELECT ${scope.tenantId}::uuid, namespace, sum(memories), sum(length)
    FROM jsonb_to_recordset(${json}::jsonb) AS c (namespace text, memories bigint, length bigint)
    GROUP BY namespace ORDER BY namespace
    ON CONFLICT (tenant_id, namespace) DO UPDATE SET
      memories = s.memories + excluded.memories,
      total_length = s.total_length + excluded.total_length`;
  if (changes.every((change) => change.session_key === null)) return;
  await transaction.execute`
    INSERT INTO session_stats AS s
      (tenant_id, namespace, session_key, memories, total_length, started_at)
    SELECT ${scope.tenantId}::uuid, namespace, session_key, sum(memories), sum(length),
      coalesce(min(started_at), 'infinity')
    FROM jsonb_to_recordset(${json}::jsonb) AS c
      (namespace text, session_key bigint, memories bigint, length bigint, started_at timestamptz)
    WHERE session_key IS NOT NULL
    GROUP BY namespace, session_key ORDER BY namespace, session_key
    ON CONFLICT (tenant_id, namespace, session_key) DO UPDATE SET
      memories = s.memories + excluded.memories,
      total_length = s.total_length + excluded.total_length,
      started_at = least(s.started_at, excluded.started_at)`;
  if (changes.some((change) => change.memories < 0)) {
    await dropEmptySessions(transaction, scope, json);
  }
}

async function dropEmptySessions(
  transaction: Transaction,
  scope: TenantScope,
  json: string,
): Promise<void> {
  await transaction.execute`
    DELETE FROM session_stats s
    USING jsonb_to_recordset(${json}::jsonb) AS c (namespace text, session_key bigint)
    WHERE s.tenant_id = ${scope.tenantId}::uuid AND s.namespace = c.namespace
      AND s.session_key = c.session_key AND s.memories <= 0`;
}
