import type { TenantScope } from '@soma/core';
import type { LinkedMemories } from '@soma/graph';
import { Prisma } from '../generated/client.js';
import { whereAmong } from '../memory/memory-where.js';
import { LINK_COLUMNS } from './link-row.js';

/**
 * The next links of a tenant, by id; `is_among` of those with both ends among the memories. However
 * few those are, a statement looks at `limit` links and no more.
 */
export function linksAmong(
  scope: TenantScope,
  memories: LinkedMemories,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): Prisma.Sql {
  const end = (id: Prisma.Sql): Prisma.Sql => Prisma.sql`LATERAL (
    SELECT m.coordinate FROM memories m
    WHERE m.id = ${id} AND ${whereAmong(scope, memories)} LIMIT 1)`;
  const beyond = after === undefined ? Prisma.empty : Prisma.sql`AND stored.id > ${after}::uuid`;
  return Prisma.sql`
    SELECT ${LINK_COLUMNS}, f.coordinate IS NOT NULL AND t.coordinate IS NOT NULL AS is_among
    FROM (
      SELECT * FROM links stored WHERE stored.tenant_id = ${scope.tenantId}::uuid ${beyond}
      ORDER BY stored.id LIMIT ${limit}) l
    LEFT JOIN ${end(Prisma.sql`l.from_id`)} f ON true
    LEFT JOIN ${end(Prisma.sql`l.to_id`)} t ON true
    ORDER BY l.id`;
}
