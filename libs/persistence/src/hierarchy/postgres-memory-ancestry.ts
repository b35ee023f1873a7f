import { Injectable } from '@nestjs/common';
import { type MemoryId, memoryId, type TenantScope } from '@soma/core';
import { MemoryAncestry } from '@soma/search';
import { Database } from '../connection/database.js';

@Injectable()
export class PostgresMemoryAncestry extends MemoryAncestry {
  constructor(private readonly database: Database) {
    super();
  }

  ancestorsAmong(
    scope: TenantScope,
    ids: readonly MemoryId[],
  ): Promise<ReadonlyMap<MemoryId, ReadonlySet<MemoryId>>> {
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<{ below: string; above: string[] }[]>`
        WITH RECURSIVE above AS (
          SELECT asked.id AS below, s.node_id AS id FROM unnest(${ids}::uuid[]) AS asked (id),
            LATERAL (SELECT node_id FROM memory_sources
              WHERE tenant_id = ${scope.tenantId}::uuid AND source_id = asked.id LIMIT 1000000) s
          UNION
          SELECT a.below, s.node_id FROM above a,
            LATERAL (SELECT node_id FROM memory_sources
              WHERE tenant_id = ${scope.tenantId}::uuid AND source_id = a.id LIMIT 1000000) s
        )
        SELECT a.below, array_agg(a.id) AS above FROM above a
        JOIN unnest(${ids}::uuid[]) AS asked (id) ON asked.id = a.id
        GROUP BY a.below`;
      return new Map(
        rows.map(({ below, above }) => [memoryId(below), new Set(above.map((id) => memoryId(id)))]),
      );
    });
  }
}
