import type { AuditPage } from '@soma/audit';
import type { TenantScope } from '@soma/core';
import { Prisma } from '../generated/client.js';

/**
 * Ids are made when an event is, by another clock than the one that wrote its time: so far they may
 * differ. Bounds of ids let the index skip what the bounds of time leave out.
 */
const CLOCKS_DIFFER_MS = 3_600_000;

/** From where the events `a` of a page come, in which order, and how many. */
export function fromPage(scope: TenantScope, page: AuditPage): Prisma.Sql {
  const ofTenant = Prisma.sql`a.tenant_id = ${scope.tenantId}::uuid`;
  const rest = Prisma.join([ofTenant, ...conditionsOf(page)], ' AND ');
  const order = page.after === undefined ? Prisma.sql`DESC` : Prisma.sql`ASC`;
  const end = Prisma.sql`ORDER BY a.id ${order} LIMIT ${page.limit}`;
  if (page.memory === undefined) return Prisma.sql`FROM audit_events a WHERE ${rest} ${end}`;
  // LATERAL with LIMIT: without statistics of tenants the planner would read them all.
  return Prisma.sql`
    FROM (
      SELECT m.event_id FROM audit_memories m
      WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.memory_id = ${page.memory}::uuid
      UNION ALL
      SELECT w.id FROM audit_events w
      WHERE w.tenant_id = ${scope.tenantId}::uuid AND w.sequence IS NULL
        AND ${page.memory}::uuid = ANY (w.memory_ids)
    ) AS named, LATERAL (
      SELECT e.* FROM audit_events e
      WHERE e.tenant_id = ${scope.tenantId}::uuid AND e.id = named.event_id LIMIT 1
    ) AS a WHERE ${rest} ${end}`;
}

function conditionsOf({ before, after, action, actor, since, until }: AuditPage): Prisma.Sql[] {
  const conditions: Prisma.Sql[] = [];
  if (before !== undefined) conditions.push(Prisma.sql`a.id < ${before}::uuid`);
  if (after !== undefined) conditions.push(Prisma.sql`a.id > ${after}::uuid`);
  if (action !== undefined) conditions.push(Prisma.sql`a.action = ${action}`);
  if (actor !== undefined) conditions.push(Prisma.sql`a.actor = ${actor}`);
  if (since !== undefined) {
    conditions.push(Prisma.sql`a.occurred_at >= ${since}::timestamptz`);
    conditions.push(Prisma.sql`a.id >= ${idAt(Date.parse(since) - CLOCKS_DIFFER_MS)}::uuid`);
  }
  if (until !== undefined) {
    conditions.push(Prisma.sql`a.occurred_at < ${until}::timestamptz`);
    conditions.push(Prisma.sql`a.id < ${idAt(Date.parse(until) + CLOCKS_DIFFER_MS)}::uuid`);
  }
  return conditions;
}

/** The least UUIDv7 of a moment: 48 bits of milliseconds (RFC 9562, section 5.7). */
function idAt(milliseconds: number): string {
  const most = 2 ** 48 - 1;
  const time = Math.min(Math.max(milliseconds, 0), most).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
}
