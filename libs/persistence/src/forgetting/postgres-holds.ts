import { Injectable } from '@nestjs/common';
import type { MemoryId, TenantScope } from '@soma/core';
import { HoldStore, type StoredHold } from '@soma/forgetting';
import { appendEvent } from '../audit/audit-row.js';
import { Database } from '../connection/database.js';

interface HoldRow {
  reason: string;
  placed_at: Date;
}

@Injectable()
export class PostgresHolds extends HoldStore {
  constructor(private readonly database: Database) {
    super();
  }

  place(scope: TenantScope, id: MemoryId, { reason, placedAt }: StoredHold): Promise<StoredHold> {
    return this.database.withTenant(scope, async (transaction) => {
      const [row] = await transaction.query<HoldRow[]>`
        INSERT INTO legal_holds AS h (tenant_id, memory_id, reason, placed_at)
        VALUES (${scope.tenantId}::uuid, ${id}::uuid, ${reason}, ${placedAt})
        ON CONFLICT (tenant_id, memory_id) DO UPDATE SET reason = excluded.reason
        RETURNING h.reason, h.placed_at`;
      if (!row) throw new Error('A hold was placed and then not found.');
      await transaction.execute`${appendEvent(scope, event('holds.place', id))}`;
      return { reason: row.reason, placedAt: row.placed_at };
    });
  }

  find(scope: TenantScope, id: MemoryId): Promise<StoredHold | undefined> {
    return this.database.withTenant(scope, async (transaction) => {
      const [row] = await transaction.query<HoldRow[]>`
        SELECT reason, placed_at FROM legal_holds
        WHERE tenant_id = ${scope.tenantId}::uuid AND memory_id = ${id}::uuid`;
      return row && { reason: row.reason, placedAt: row.placed_at };
    });
  }

  lift(scope: TenantScope, id: MemoryId): Promise<boolean> {
    return this.database.withTenant(scope, async (transaction) => {
      const lifted = await transaction.execute`
        DELETE FROM legal_holds
        WHERE tenant_id = ${scope.tenantId}::uuid AND memory_id = ${id}::uuid`;
      if (lifted > 0) await transaction.execute`${appendEvent(scope, event('holds.lift', id))}`;
      return lifted > 0;
    });
  }
}

const event = (action: string, id: MemoryId) => ({
  action,
  targetKind: 'memory',
  target: id,
  outcome: 'done' as const,
  details: {},
});
