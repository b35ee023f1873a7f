import { Injectable } from '@nestjs/common';
import { tenantId, TenantScope } from '@soma/core';
import { type DecayPolicy, DecayPolicyStore, type StoredPolicy } from '@soma/forgetting';
import { appendEvent } from '../audit/audit-row.js';
import { Database } from '../connection/database.js';

interface PolicyRow {
  policy: DecayPolicy;
  updated_at: Date;
  next_run_at: Date | null;
}

@Injectable()
export class PostgresDecayPolicies extends DecayPolicyStore {
  constructor(private readonly database: Database) {
    super();
  }

  find(scope: TenantScope): Promise<StoredPolicy | undefined> {
    return this.database.withTenant(scope, async (transaction) => {
      const [row] = await transaction.query<PolicyRow[]>`
        SELECT policy, updated_at, next_run_at FROM decay_policies
        WHERE tenant_id = ${scope.tenantId}::uuid`;
      return (
        row && {
          policy: row.policy,
          updatedAt: row.updated_at,
          nextRunAt: row.next_run_at ?? undefined,
        }
      );
    });
  }

  async put(scope: TenantScope, { policy, updatedAt, nextRunAt }: StoredPolicy): Promise<void> {
    await this.database.withTenant(scope, async (transaction) => {
      await transaction.execute`
        INSERT INTO decay_policies (tenant_id, policy, updated_at, next_run_at)
        VALUES (${scope.tenantId}::uuid, ${JSON.stringify(policy)}::jsonb, ${updatedAt},
          ${nextRunAt ?? null}::timestamptz)
        ON CONFLICT (tenant_id) DO UPDATE SET policy = excluded.policy,
          updated_at = excluded.updated_at, next_run_at = excluded.next_run_at`;
      await transaction.execute`${appendEvent(scope, event('decay_policy.update'))}`;
    });
  }

  remove(scope: TenantScope): Promise<boolean> {
    return this.database.withTenant(scope, async (transaction) => {
      const removed = await transaction.execute`
        DELETE FROM decay_policies WHERE tenant_id = ${scope.tenantId}::uuid`;
      if (removed > 0) {
        await transaction.execute`${appendEvent(scope, event('decay_policy.delete'))}`;
      }
      return removed > 0;
    });
  }

  claimDue(now: Date, limit: number): Promise<TenantScope[]> {
    return this.database.withSystem(async (transaction) => {
      const rows = await transaction.$queryRaw<{ tenant_id: string }[]>`
        UPDATE decay_policies d
        SET next_run_at = ${now}::timestamptz
          + make_interval(secs => coalesce((d.policy ->> 'every_hours')::float8, 24) * 3600)
        FROM (SELECT p.tenant_id FROM decay_policies p
              JOIN tenants t ON t.id = p.tenant_id AND t.deleted_at IS NULL
              WHERE p.next_run_at <= ${now}::timestamptz
              ORDER BY p.next_run_at LIMIT ${limit} FOR UPDATE OF p SKIP LOCKED) due
        WHERE d.tenant_id = due.tenant_id RETURNING d.tenant_id`;
      return rows.map((row) => TenantScope.of(tenantId(row.tenant_id)));
    });
  }
}

const event = (action: string) => ({
  action,
  targetKind: 'tenant',
  target: '',
  outcome: 'done' as const,
  details: {},
});
