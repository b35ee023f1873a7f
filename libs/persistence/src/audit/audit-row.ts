import type { AuditEntry, AuditEvent, NotedEvent } from '@soma/audit';
import { currentOrigin, type TenantScope } from '@soma/core';
import { v7 as uuidv7 } from 'uuid';
import { Prisma } from '../generated/client.js';

const COLUMNS = Prisma.sql`tenant_id, id, occurred_at, actor, action, target_kind, target, request_id,
  source, outcome, details, memory_ids`;

/** The statement that appends an event of whoever asks now, for the tenant's role or the system's. */
export function appendEvent(scope: TenantScope, entry: AuditEntry): Prisma.Sql {
  return appendEventOf(scope, entry, {
    target: Prisma.sql`${entry.target}::text`,
    details: Prisma.sql`${JSON.stringify(entry.details)}::jsonb`,
    memoryIds: Prisma.sql`${[...(entry.memoryIds ?? [])]}::uuid[]`,
    from: Prisma.empty,
  });
}

interface ToldByStatement {
  readonly target: Prisma.Sql;
  readonly details: Prisma.Sql;
  readonly memoryIds: Prisma.Sql;
  /** From where these take their values; grouped to one row, or to none where nothing was done. */
  readonly from: Prisma.Sql;
}

/** The same with what only the statement knows that it is a part of: no round trip of its own. */
export function appendEventOf(
  { tenantId }: TenantScope,
  entry: Pick<AuditEntry, 'action' | 'targetKind' | 'outcome'>,
  { target, details, memoryIds, from }: ToldByStatement,
): Prisma.Sql {
  const { actor, requestId, source } = currentOrigin();
  return Prisma.sql`
    INSERT INTO audit_events (${COLUMNS})
    SELECT ${tenantId}::uuid, ${uuidv7()}::uuid, clock_timestamp(), ${actor}::text,
      ${entry.action}::text, ${entry.targetKind}::text, ${target}, ${requestId}::text,
      ${source}::text, ${entry.outcome}::text, ${details}, ${memoryIds} ${from}`;
}

/** Appends events of any tenants, by the system's role; those that are there already stay. */
export function appendNoted(events: readonly NotedEvent[]): Prisma.Sql {
  const rows = events.map(({ scope, id, at, origin, entry }) => ({
    tenant_id: scope.tenantId,
    id,
    occurred_at: at,
    actor: origin.actor,
    action: entry.action,
    target_kind: entry.targetKind,
    target: entry.target,
    request_id: origin.requestId,
    source: origin.source,
    outcome: entry.outcome,
    details: entry.details,
    memory_ids: entry.memoryIds ?? [],
  }));
  return Prisma.sql`
    INSERT INTO audit_events (${COLUMNS})
    SELECT ${COLUMNS} FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS e (
      tenant_id uuid, id uuid, occurred_at timestamptz, actor text, action text, target_kind text,
      target text, request_id text, source text, outcome text, details jsonb, memory_ids uuid[])
    ON CONFLICT (tenant_id, id) DO NOTHING`;
}

export interface AuditRow extends Omit<AuditEvent, 'sequence'> {
  readonly sequence: string | null;
}

/** Of audit_events `a`; the time as text, because what is hashed has its microseconds. */
export const AUDIT_COLUMNS = Prisma.sql`a.tenant_id, a.id, a.sequence::text AS sequence,
  to_char(a.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS occurred_at,
  a.actor, a.action, a.target_kind, a.target, a.request_id, a.source, a.outcome, a.details,
  a.memory_ids::text[] AS memory_ids,
  encode(a.previous_hash, 'hex') AS previous_hash, encode(a.hash, 'hex') AS hash`;

export const eventOfRow = (row: AuditRow): AuditEvent => ({
  ...row,
  sequence: row.sequence === null ? null : Number(row.sequence),
});
