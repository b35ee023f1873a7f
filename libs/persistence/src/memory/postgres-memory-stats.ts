import { Injectable } from '@nestjs/common';
import type { TenantScope } from '@soma/core';
import { type MemoryStats, MemoryStatsRepository } from '@soma/memory';
import { Database } from '../connection/database.js';
import { Prisma } from '../generated/client.js';
import { OF_ACTIVE_MODEL } from './memory-row.js';

/**
 * More than a memory has embeddings. The planner, which knows nothing of a tenant's size, would else compare
 * each memory with every embedding.
 */
const EVERY_MODEL = 1_000_000;

interface GroupRow {
  name: string;
  count: number;
}

interface TotalsRow {
  versions: number;
  embeddings: number;
  pending: number;
}

@Injectable()
export class PostgresMemoryStats extends MemoryStatsRepository {
  constructor(private readonly database: Database) {
    super();
  }

  count(scope: TenantScope, namespace: string | undefined): Promise<MemoryStats> {
    const ofTenant = Prisma.sql`m.tenant_id = ${scope.tenantId}::uuid AND NOT m.derived`;
    const where =
      namespace === undefined ? ofTenant : Prisma.sql`${ofTenant} AND m.namespace = ${namespace}`;
    return this.database.withTenant(scope, async (transaction) => {
      const groups = (select: Prisma.Sql) => transaction.query<GroupRow[]>`${select}`;
      const types = await groups(Prisma.sql`
        SELECT m.memory_type AS name, count(*)::int AS count FROM memories m WHERE ${where}
        GROUP BY 1 ORDER BY 1`);
      const namespaces = await groups(Prisma.sql`
        SELECT m.namespace AS name, count(*)::int AS count FROM memories m WHERE ${where}
        GROUP BY 1 ORDER BY 1`);
      const links = await groups(Prisma.sql`
        SELECT l.link_type AS name, count(*)::int AS count FROM links l
        JOIN memories m ON m.tenant_id = l.tenant_id AND m.id = l.from_id
        WHERE ${where} GROUP BY 1 ORDER BY 1`);
      const [totals] = await transaction.query<TotalsRow[]>`
        SELECT (SELECT count(*)::int FROM memory_versions v
                JOIN memories m ON m.tenant_id = v.tenant_id AND m.id = v.memory_id
                WHERE ${where}) AS versions,
          count(e.entry_id)::int AS embeddings,
          count(*) FILTER (WHERE coalesce(e.indexed_at, 'infinity') = 'infinity'
            AND e.superseded IS NOT TRUE)::int AS pending
        FROM memories m LEFT JOIN LATERAL (
          SELECT e.entry_id, e.indexed_at, e.superseded FROM embeddings e
          WHERE e.tenant_id = m.tenant_id AND e.memory_id = m.id AND ${OF_ACTIVE_MODEL}
          LIMIT ${EVERY_MODEL}) e ON true
        WHERE ${where}`;
      return {
        memories: { total: sum(types), by_type: record(types), by_namespace: record(namespaces) },
        versions: totals?.versions ?? 0,
        links: { total: sum(links), by_type: record(links) },
        embeddings: { total: totals?.embeddings ?? 0, pending: totals?.pending ?? 0 },
      };
    });
  }
}

const sum = (rows: readonly GroupRow[]): number =>
  rows.reduce((total, row) => total + row.count, 0);
const record = (rows: readonly GroupRow[]): Record<string, number> =>
  Object.fromEntries(rows.map((row) => [row.name, row.count]));
