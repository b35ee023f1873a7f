import { Injectable } from '@nestjs/common';
import type { MemoryId, TenantScope } from '@soma/core';
import { type VersionFacts, VersionsAt } from '@soma/forgetting';
import { Database } from '../connection/database.js';

@Injectable()
export class PostgresVersionsAt extends VersionsAt {
  constructor(private readonly database: Database) {
    super();
  }

  find(scope: TenantScope, id: MemoryId, at: Date): Promise<VersionFacts | undefined> {
    return this.database.withTenant(scope, async (transaction) => {
      const [row] = await transaction.query<VersionFacts[]>`
        SELECT (v.snapshot ->> 'importance')::float8 AS importance,
          (v.snapshot ->> 'pinned')::boolean AS pinned, v.snapshot ->> 'memory_type' AS memory_type,
          (v.snapshot ->> 'tier')::int AS tier
        FROM memory_versions v
        WHERE v.tenant_id = ${scope.tenantId}::uuid AND v.memory_id = ${id}::uuid
          AND v.created_at <= ${at}
        ORDER BY v.version DESC LIMIT 1`;
      return row;
    });
  }
}
