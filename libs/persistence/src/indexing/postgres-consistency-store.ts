import { Injectable } from '@nestjs/common';
import { isUuid, tenantId, TenantScope } from '@soma/core';
import {
  ConsistencyStore,
  type EntryState,
  type RecallReport,
  type ReconcileReport,
  type StoredEntry,
} from '@soma/indexing';
import type { EntryIdPage } from '@soma/vector-index';
import { Database } from '../connection/database.js';
import { Prisma } from '../generated/client.js';
import { IS_INDEXED_BY_A_LATER_CLOCK } from './clock-set-back.js';

/** For so long a deleted tenant is still walked, for what an index brought back, like one restored. */
const DELETED_TENANTS_WALKED = Prisma.sql`interval '30 days'`;

/** Tenants by the system's role; of each tenant only what its own policies show. */
@Injectable()
export class PostgresConsistencyStore extends ConsistencyStore {
  constructor(private readonly database: Database) {
    super();
  }

  tenants(limit: number, after?: string): Promise<TenantScope[]> {
    const next = after === undefined ? Prisma.empty : Prisma.sql`WHERE id > ${after}::uuid`;
    return this.database.withSystem(async (transaction) => {
      const rows = await transaction.$queryRaw<{ id: string }[]>`
        SELECT id FROM (
          SELECT id FROM tenants
          UNION SELECT tenant_id FROM deletions
          WHERE kind = 'tenant' AND requested_at > now() - ${DELETED_TENANTS_WALKED}
        ) t ${next} ORDER BY id LIMIT ${limit}`;
      return rows.map(({ id }) => TenantScope.of(tenantId(id)));
    });
  }

  hasTenant({ tenantId: id }: TenantScope): Promise<boolean> {
    return this.database.withSystem(
      async ({ tenant }) => (await tenant.count({ where: { id } })) > 0,
    );
  }

  models(scope: TenantScope): Promise<string[]> {
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<{ model: string }[]>`
        SELECT model FROM embeddings WHERE tenant_id = ${scope.tenantId}::uuid
        UNION SELECT model FROM index_outbox
        WHERE tenant_id = ${scope.tenantId}::uuid AND operation <> 'embed'`;
      return rows.map(({ model }) => model);
    });
  }

  timeBefore(scope: TenantScope, lagMs: number): Promise<Date> {
    return this.database.withTenant(scope, async (transaction) => {
      const [row] = await transaction.query<{ time: Date }[]>`
        SELECT clock_timestamp() - make_interval(secs => ${lagMs / 1000}::float8) AS time`;
      if (!row) throw new Error('The database did not tell the time.');
      return row.time;
    });
  }

  entries(
    scope: TenantScope,
    { model, after, limit }: EntryIdPage,
    settledBefore: Date,
  ): Promise<StoredEntry[]> {
    const next = after === undefined ? Prisma.empty : Prisma.sql`AND e.entry_id > ${after}::uuid`;
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<{ entry_id: string; state: EntryState }[]>`
        SELECT e.entry_id, CASE WHEN ${isSettled(settledBefore)} THEN 'settled'
          WHEN ${IS_UNQUEUED} THEN 'unqueued' ELSE 'waiting' END AS state
        FROM embeddings e
        WHERE e.tenant_id = ${scope.tenantId}::uuid AND e.model = ${model} AND NOT e.superseded ${next}
        ORDER BY e.entry_id LIMIT ${limit}`;
      return rows.map((row) => ({ entryId: row.entry_id, state: row.state }));
    });
  }

  unknown(scope: TenantScope, entryIds: readonly string[]): Promise<string[]> {
    const uuids = entryIds.filter(isUuid);
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<{ entry_id: string }[]>`
        SELECT known.entry_id FROM unnest(${uuids}::uuid[]) AS asked (id), LATERAL (
          (SELECT entry_id FROM embeddings
            WHERE tenant_id = ${scope.tenantId}::uuid AND entry_id = asked.id AND NOT superseded LIMIT 1)
          UNION ALL (SELECT entry_id FROM index_outbox
            WHERE tenant_id = ${scope.tenantId}::uuid AND entry_id = asked.id LIMIT 1)
          LIMIT 1) known`;
      const known = new Set(rows.map((row) => row.entry_id));
      return entryIds.filter((entryId) => !known.has(entryId));
    });
  }

  requeue(scope: TenantScope, entryIds: readonly string[], settledBefore: Date): Promise<number> {
    return this.database.withTenant(
      scope,
      (transaction) => transaction.execute`
        WITH queued AS (
          UPDATE embeddings e SET indexed_at = 'infinity'
          WHERE e.tenant_id = ${scope.tenantId}::uuid AND e.entry_id = ANY (${entryIds}::uuid[])
            AND NOT e.superseded
            AND (${isSettled(settledBefore)} OR ${IS_UNQUEUED})
          RETURNING e.entry_id, e.model
        )
        INSERT INTO index_outbox (tenant_id, operation, entry_id, model)
        SELECT ${scope.tenantId}::uuid, 'insert', entry_id, model FROM queued`,
    );
  }

  requeuePage(
    scope: TenantScope,
    limit: number,
    after?: string,
  ): Promise<{ queued: number; last?: string }> {
    const next = after === undefined ? Prisma.empty : Prisma.sql`AND entry_id > ${after}::uuid`;
    return this.database.withTenant(scope, async (transaction) => {
      const [row] = await transaction.query<{ queued: number; last: string | null }[]>`
        WITH page AS (
          SELECT entry_id FROM embeddings WHERE tenant_id = ${scope.tenantId}::uuid
            AND NOT superseded ${next}
          ORDER BY entry_id LIMIT ${limit}
        ), queued AS (
          UPDATE embeddings e SET indexed_at = 'infinity' FROM page
          WHERE e.tenant_id = ${scope.tenantId}::uuid AND e.entry_id = page.entry_id
            AND NOT EXISTS (${OUTBOX_ROW})
          RETURNING e.entry_id, e.model
        ), added AS (
          INSERT INTO index_outbox (tenant_id, operation, entry_id, model)
          SELECT ${scope.tenantId}::uuid, 'insert', entry_id, model FROM queued
          RETURNING 1
        )
        SELECT (SELECT count(*)::int FROM added) AS queued,
          (SELECT entry_id FROM page ORDER BY entry_id DESC LIMIT 1) AS last`;
      return { queued: row?.queued ?? 0, last: row?.last ?? undefined };
    });
  }

  count(scope: TenantScope): Promise<{ stored: number; waiting: number }> {
    return this.database.withTenant(scope, async (transaction) => {
      const [row] = await transaction.query<{ stored: number; waiting: number }[]>`
        SELECT count(*)::int AS stored,
          (count(*) FILTER (WHERE indexed_at = 'infinity'))::int AS waiting
        FROM embeddings WHERE tenant_id = ${scope.tenantId}::uuid AND NOT superseded`;
      return row ?? { stored: 0, waiting: 0 };
    });
  }

  async keepReport(report: ReconcileReport): Promise<void> {
    await this.database.withSystem(
      (transaction) => transaction.$executeRaw`
        INSERT INTO reconcile_report (id, report) VALUES (1, ${JSON.stringify(report)}::jsonb)
        ON CONFLICT (id) DO UPDATE SET report = reconcile_report.report || excluded.report`,
    );
  }

  async keepRecall(recall: RecallReport): Promise<void> {
    await this.database.withSystem(
      (transaction) => transaction.$executeRaw`
        UPDATE reconcile_report
        SET report = report || jsonb_build_object('recall', ${JSON.stringify(recall)}::jsonb)`,
    );
  }

  lastReport(): Promise<ReconcileReport | undefined> {
    return this.database.withSystem(async (transaction) => {
      const [row] = await transaction.$queryRaw<{ report: ReconcileReport }[]>`
        SELECT report FROM reconcile_report`;
      return row?.report;
    });
  }
}

const OUTBOX_ROW = Prisma.sql`SELECT 1 FROM index_outbox o
  WHERE o.tenant_id = e.tenant_id AND o.entry_id = e.entry_id`;

const IS_UNQUEUED = Prisma.sql`(e.indexed_at = 'infinity' AND NOT EXISTS (${OUTBOX_ROW}))`;

const isSettled = (before: Date): Prisma.Sql =>
  Prisma.sql`(e.indexed_at < ${before.toISOString()}::timestamptz
    OR ${IS_INDEXED_BY_A_LATER_CLOCK})`;
