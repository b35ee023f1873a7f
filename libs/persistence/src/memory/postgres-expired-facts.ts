import { Injectable } from '@nestjs/common';
import { tenantId, TenantScope } from '@soma/core';
import { ExpiredFacts } from '@soma/memory';
import { Database } from '../connection/database.js';
import { Prisma } from '../generated/client.js';
import { countChanges } from './lexical-statistics.js';
import { holdNamespaces } from './namespace-lock.js';
import { stateFacts } from './state-facts.js';

@Injectable()
export class PostgresExpiredFacts extends ExpiredFacts {
  constructor(private readonly database: Database) {
    super();
  }

  async settle(limit: number): Promise<number> {
    const due = await this.database.withSystem(
      (transaction) => transaction.$queryRaw<{ tenant_id: string; memory_id: string }[]>`
        SELECT tenant_id, memory_id FROM facts WHERE expires_at <= now()
        ORDER BY expires_at LIMIT ${limit}`,
    );
    for (const [tenant, rows] of Map.groupBy(due, (row) => row.tenant_id)) {
      const ids = rows.map((row) => row.memory_id);
      await this.end(TenantScope.of(tenantId(tenant)), ids);
    }
    return due.length;
  }

  private end(scope: TenantScope, ids: readonly string[]): Promise<void> {
    return this.database.withTenant(scope, async (transaction) => {
      const named = Prisma.sql`tenant_id = ${scope.tenantId}::uuid`;
      await holdNamespaces(
        transaction,
        scope,
        Prisma.sql`(SELECT namespace FROM facts
          WHERE ${named} AND memory_id = ANY (${ids}::uuid[]))`,
      );
      await transaction.query`
        SELECT id FROM memories WHERE ${named} AND id = ANY (${ids}::uuid[])
        ORDER BY id FOR NO KEY UPDATE`;
      await countChanges(transaction, scope, await stateFacts(transaction, scope, ids));
    });
  }
}
