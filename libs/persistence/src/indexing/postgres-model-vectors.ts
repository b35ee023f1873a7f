import { Injectable } from '@nestjs/common';
import { type MemoryId, memoryId, type TenantScope } from '@soma/core';
import {
  ModelVectors,
  type StoredVector,
  type UnembeddedText,
  type VectorPage,
} from '@soma/indexing';
import { Database } from '../connection/database.js';
import { type MaybeSealed, RowCipher } from '../encryption/row-cipher.js';
import { Prisma } from '../generated/client.js';

/** In one statement, so that none takes long however large a tenant is. */
const MEMORIES_LOOKED_AT = 2_000;

@Injectable()
export class PostgresModelVectors extends ModelVectors {
  constructor(
    private readonly database: Database,
    private readonly cipher: RowCipher,
  ) {
    super();
  }

  count(scope: TenantScope, model: string): Promise<{ memories: number; vectors: number }> {
    return this.database.withTenant(scope, async (transaction) => {
      const [row] = await transaction.query<{ memories: number; vectors: number }[]>`
        SELECT (SELECT count(*)::int FROM memories
            WHERE tenant_id = ${scope.tenantId}::uuid) AS memories,
          (SELECT count(*)::int FROM embeddings
            WHERE tenant_id = ${scope.tenantId}::uuid AND model = ${model}) AS vectors`;
      return row ?? { memories: 0, vectors: 0 };
    });
  }

  unembedded(
    scope: TenantScope,
    model: string,
    { limit, after }: { readonly limit: number; readonly after?: MemoryId },
  ): Promise<{ texts: UnembeddedText[]; last?: MemoryId }> {
    const next = after === undefined ? Prisma.empty : Prisma.sql`AND m.id > ${after}::uuid`;
    return this.database.withTenant(scope, async (transaction) => {
      const [end] = await transaction.query<{ id: string }[]>`
        SELECT looked.id FROM (
          SELECT m.id FROM memories m WHERE m.tenant_id = ${scope.tenantId}::uuid ${next}
          ORDER BY m.id LIMIT ${MEMORIES_LOOKED_AT}) looked
        ORDER BY looked.id DESC LIMIT 1`;
      if (!end) return { texts: [] };
      const rows = await transaction.query<MaybeSealed[]>`
        SELECT m.id, m.content, m.sealed_content, '{}'::jsonb AS payload, '{}'::jsonb AS metadata,
          NULL::bytea AS sealed_payload, NULL::bytea AS sealed_metadata FROM memories m
        WHERE m.tenant_id = ${scope.tenantId}::uuid ${next} AND m.id <= ${end.id}::uuid
          AND ${lacks(model)}
        ORDER BY m.id LIMIT ${limit}`;
      const opened = await this.cipher.open(scope, rows);
      const texts = opened.map(({ id, content }) => ({ memoryId: memoryId(id), content }));
      const last = texts.length === limit ? texts.at(-1)?.memoryId : memoryId(end.id);
      return { texts, last };
    });
  }

  async queue(scope: TenantScope, model: string, ids: readonly MemoryId[]): Promise<void> {
    if (ids.length === 0) return;
    await this.database.withTenant(
      scope,
      (transaction) => transaction.execute`
        INSERT INTO index_outbox (tenant_id, operation, entry_id, model)
        SELECT m.tenant_id, 'embed', m.id, ${model} FROM memories m
        WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.id = ANY (${ids}::uuid[])
          AND ${lacks(model)}`,
    );
  }

  clear(scope: TenantScope, model: string, limit: number): Promise<number> {
    return this.database.withTenant(
      scope,
      (transaction) => transaction.execute`
        DELETE FROM embeddings WHERE tenant_id = ${scope.tenantId}::uuid AND model = ${model}
          AND entry_id IN (SELECT e.entry_id FROM embeddings e
            WHERE e.tenant_id = ${scope.tenantId}::uuid AND e.model = ${model} LIMIT ${limit})`,
    );
  }

  namespaces(scope: TenantScope, model: string): Promise<{ namespace: string; vectors: number }[]> {
    return this.database.withTenant(
      scope,
      (transaction) => transaction.query<{ namespace: string; vectors: number }[]>`
        SELECT namespace, count(*)::int AS vectors FROM embeddings
        WHERE tenant_id = ${scope.tenantId}::uuid AND model = ${model} AND NOT superseded
        GROUP BY namespace ORDER BY 2 DESC, 1`,
    );
  }

  page(
    scope: TenantScope,
    { namespace, model, after, limit, settledBefore }: VectorPage,
  ): Promise<StoredVector[]> {
    const next = after === undefined ? Prisma.empty : Prisma.sql`AND memory_id > ${after}::uuid`;
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<{ memory_id: string; vector: Uint8Array }[]>`
        SELECT memory_id, vector FROM embeddings
        WHERE tenant_id = ${scope.tenantId}::uuid AND namespace = ${namespace}
          AND model = ${model} AND NOT superseded AND indexed_at < ${settledBefore.toISOString()}::timestamptz ${next}
        ORDER BY memory_id LIMIT ${limit}`;
      const vectors = await this.cipher.vectors(scope, rows);
      return vectors.map((vector, at) => ({
        memoryId: memoryId(rows[at]?.memory_id ?? ''),
        vector,
      }));
    });
  }
}

/** Of a memory `m`: there is no vector of the model, and none on its way. */
const lacks = (model: string): Prisma.Sql => Prisma.sql`
  NOT EXISTS (SELECT 1 FROM embeddings e
    WHERE e.tenant_id = m.tenant_id AND e.memory_id = m.id AND e.model = ${model})
  AND NOT EXISTS (SELECT 1 FROM index_outbox o WHERE o.tenant_id = m.tenant_id
    AND o.entry_id = m.id AND o.operation = 'embed' AND o.model = ${model})`;
