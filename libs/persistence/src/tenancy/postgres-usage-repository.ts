import { Injectable } from '@nestjs/common';
import type { TenantScope } from '@soma/core';
import {
  type DayCounts,
  type Kept,
  type KeptLimits,
  type UsageDay,
  UsageRepository,
} from '@soma/tenancy';
import { appendEvent } from '../audit/audit-row.js';
import { Database } from '../connection/database.js';
import type { Transaction } from '../connection/transaction.js';
import { Prisma } from '../generated/client.js';

const NOTHING: Kept = { memories: 0, bytes: 0, vectors: 0, links: 0 };
const NO_LIMITS: KeptLimits = {
  memories: null,
  bytes: null,
  vectors: null,
  links: null,
  embeddings_per_day: null,
  policy: null,
  tenant_class: null,
};

@Injectable()
export class PostgresUsageRepository extends UsageRepository {
  constructor(private readonly database: Database) {
    super();
  }

  kept(scope: TenantScope): Promise<Kept> {
    return this.database.withTenant(scope, async (transaction) => {
      const [row] = await transaction.query<Kept[]>`
        SELECT ${COUNTERS} FROM tenant_usage u WHERE u.tenant_id = ${scope.tenantId}::uuid`;
      return row ?? NOTHING;
    });
  }

  limits(scope: TenantScope): Promise<KeptLimits> {
    return this.database.withTenant(scope, async (transaction) => {
      const [row] = await transaction.query<KeptLimits[]>`
        SELECT max_memories::float8 AS memories, max_bytes::float8 AS bytes,
          max_vectors::float8 AS vectors, max_links::float8 AS links,
          max_embeddings_per_day::float8 AS embeddings_per_day, policy, tenant_class
        FROM tenant_usage WHERE tenant_id = ${scope.tenantId}::uuid`;
      return row ?? NO_LIMITS;
    });
  }

  async setLimits(scope: TenantScope, limits: KeptLimits): Promise<void> {
    await this.database.withTenant(scope, async (transaction) => {
      await transaction.execute`
        INSERT INTO tenant_usage (tenant_id, max_memories, max_bytes, max_vectors, max_links,
          max_embeddings_per_day, policy, tenant_class)
        VALUES (${scope.tenantId}::uuid, ${limits.memories}::bigint, ${limits.bytes}::bigint,
          ${limits.vectors}::bigint, ${limits.links}::bigint,
          ${limits.embeddings_per_day}::bigint, ${limits.policy}::text,
          ${limits.tenant_class}::text)
        ON CONFLICT (tenant_id) DO UPDATE SET max_memories = excluded.max_memories,
          max_bytes = excluded.max_bytes, max_vectors = excluded.max_vectors,
          max_links = excluded.max_links,
          max_embeddings_per_day = excluded.max_embeddings_per_day, policy = excluded.policy,
          tenant_class = excluded.tenant_class`;
      await transaction.execute`${appendEvent(scope, {
        action: 'quotas.update',
        targetKind: 'tenant',
        target: scope.tenantId,
        outcome: 'done',
        details: { ...limits },
      })}`;
    });
  }

  days(scope: TenantScope, from: string): Promise<UsageDay[]> {
    return this.database.withTenant(
      scope,
      (transaction) => transaction.query<UsageDay[]>`
        SELECT d.day::text AS day, d.requests::float8 AS requests, d.searches::float8 AS searches,
          d.embedding_calls::float8 AS embedding_calls, d.embedded_texts::float8 AS embedded_texts
        FROM usage_days d WHERE d.tenant_id = ${scope.tenantId}::uuid AND d.day >= ${from}::date
        ORDER BY d.day DESC`,
    );
  }

  async add(scope: TenantScope, day: string, counts: DayCounts): Promise<void> {
    const {
      requests = 0,
      searches = 0,
      embedding_calls: calls = 0,
      embedded_texts: texts = 0,
    } = counts;
    await this.database.withTenant(
      scope,
      (transaction) => transaction.execute`
        INSERT INTO usage_days AS d
          (tenant_id, day, requests, searches, embedding_calls, embedded_texts)
        VALUES (${scope.tenantId}::uuid, ${day}::date, ${requests}::bigint, ${searches}::bigint,
          ${calls}::bigint, ${texts}::bigint)
        ON CONFLICT (tenant_id, day) DO UPDATE SET requests = d.requests + excluded.requests,
          searches = d.searches + excluded.searches,
          embedding_calls = d.embedding_calls + excluded.embedding_calls,
          embedded_texts = d.embedded_texts + excluded.embedded_texts`,
      { durable: false },
    );
  }

  spend(scope: TenantScope, day: string, texts: number, most: number): Promise<number | undefined> {
    return this.database.withTenant(
      scope,
      async (transaction) => {
        const [row] = await transaction.query<{ most: number }[]>`
          SELECT max_embeddings_per_day::float8 AS most FROM tenant_usage
          WHERE tenant_id = ${scope.tenantId}::uuid AND max_embeddings_per_day IS NOT NULL`;
        const limit = row?.most ?? most;
        if (limit > 0 && texts > limit) return limit;
        const counted = await transaction.execute`
          INSERT INTO usage_days AS d (tenant_id, day, embedding_calls, embedded_texts)
          VALUES (${scope.tenantId}::uuid, ${day}::date, 1, ${texts}::bigint)
          ON CONFLICT (tenant_id, day) DO UPDATE SET embedding_calls = d.embedding_calls + 1,
            embedded_texts = d.embedded_texts + excluded.embedded_texts
            WHERE ${limit}::bigint = 0 OR d.embedded_texts + excluded.embedded_texts <= ${limit}::bigint`;
        return counted > 0 ? undefined : limit;
      },
      { durable: false },
    );
  }

  recount(scope: TenantScope, repair: boolean): Promise<{ counter: Kept; counted: Kept }> {
    return this.database.withTenant(scope, async (transaction) => {
      // Writers who wait for the row have counted nothing yet, and show nothing yet.
      if (repair) {
        await transaction.execute`
          SELECT 1 FROM tenant_usage WHERE tenant_id = ${scope.tenantId}::uuid FOR UPDATE`;
      }
      const found = await comparedNow(transaction, scope);
      if (repair) await setCounters(transaction, scope, found.counted);
      return found;
    });
  }
}

const COUNTERS = Prisma.sql`u.memories::float8 AS memories, u.bytes::float8 AS bytes,
  u.vectors::float8 AS vectors, u.links::float8 AS links`;

/** In one statement, so of one moment. */
async function comparedNow(
  transaction: Transaction,
  { tenantId }: TenantScope,
): Promise<{ counter: Kept; counted: Kept }> {
  const [row] = await transaction.query<{ counter: Kept | null; counted: Kept }[]>`
    SELECT (SELECT jsonb_build_object('memories', u.memories, 'bytes', u.bytes,
              'vectors', u.vectors, 'links', u.links)
            FROM tenant_usage u WHERE u.tenant_id = ${tenantId}::uuid) AS counter,
      jsonb_build_object(
        'memories', (SELECT count(*) FROM memories m WHERE m.tenant_id = ${tenantId}::uuid
            AND NOT m.derived)
          + (SELECT count(*) FROM quarantined_writes q WHERE q.tenant_id = ${tenantId}::uuid),
        'bytes', (SELECT coalesce(sum(octet_length(v.snapshot::text)), 0)
                  FROM memory_versions v WHERE v.tenant_id = ${tenantId}::uuid)
          + (SELECT coalesce(sum(octet_length(q.snapshot::text)), 0)
             FROM quarantined_writes q WHERE q.tenant_id = ${tenantId}::uuid),
        'vectors', (SELECT count(*) FROM embeddings e WHERE e.tenant_id = ${tenantId}::uuid
                    AND e.namespace = rtrim(e.namespace, chr(8491))),
        'links', (SELECT count(*) FROM links l WHERE l.tenant_id = ${tenantId}::uuid)) AS counted`;
  if (!row) throw new Error('A tenant was counted and no row came back.');
  return { counter: row.counter ?? NOTHING, counted: row.counted };
}

async function setCounters(
  transaction: Transaction,
  { tenantId }: TenantScope,
  { memories, bytes, vectors, links }: Kept,
): Promise<void> {
  await transaction.execute`
    UPDATE tenant_usage SET memories = ${memories}::bigint, bytes = ${bytes}::bigint,
      vectors = ${vectors}::bigint, links = ${links}::bigint
    WHERE tenant_id = ${tenantId}::uuid`;
}
