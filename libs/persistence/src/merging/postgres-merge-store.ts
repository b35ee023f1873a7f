import { Injectable } from '@nestjs/common';
import type { Coordinate, MemoryId, PageEnd, TenantScope } from '@soma/core';
import {
  type CandidatesOf,
  type Merge,
  type MergeCandidate,
  type Merged,
  type MergedCandidate,
  MergeStore,
} from '@soma/merging';
import { appendEvent } from '../audit/audit-row.js';
import { Database } from '../connection/database.js';
import { RowCipher } from '../encryption/row-cipher.js';
import { MERGED, restoreMemory } from '../forgetting/restore-memory.js';
import { Prisma } from '../generated/client.js';
import {
  type BehindRow,
  behindOfRows,
  CANDIDATE_COLUMNS,
  type CandidateRow,
  candidatesOfRows,
  MAY_MERGE,
  vectorOf,
} from './candidate-row.js';
import { mergeMemories } from './merge-memories.js';
import { mergedOfRow, type MergedRow } from './merged-row.js';

@Injectable()
export class PostgresMergeStore extends MergeStore {
  constructor(
    private readonly database: Database,
    private readonly cipher: RowCipher,
  ) {
    super();
  }

  page(
    scope: TenantScope,
    {
      namespace,
      model,
      after,
      limit,
    }: CandidatesOf & { readonly after: PageEnd | undefined; readonly limit: number },
  ): Promise<MergeCandidate[]> {
    const next = after
      ? Prisma.sql`AND (m.updated_at, m.id) > (${String(after.value)}::timestamptz, ${after.id}::uuid)`
      : Prisma.empty;
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<CandidateRow[]>`
        SELECT ${CANDIDATE_COLUMNS}, ${vectorOf({ model }, 'embeddings')} FROM memories m
        WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.namespace = ${namespace}
          AND ${MAY_MERGE} ${next}
        ORDER BY m.updated_at, m.id LIMIT ${limit}`;
      return candidatesOfRows(scope, rows, this.cipher);
    });
  }

  candidates(
    scope: TenantScope,
    { namespace, model, ids }: CandidatesOf & { readonly ids: readonly string[] },
  ): Promise<MergeCandidate[]> {
    if (ids.length === 0) return Promise.resolve([]);
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<CandidateRow[]>`
        SELECT found.* FROM unnest(${ids}::uuid[]) AS asked (id), LATERAL (
          SELECT ${CANDIDATE_COLUMNS}, ${vectorOf({ model }, 'embeddings')} FROM memories m
          WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.id = asked.id
            AND m.namespace = ${namespace} AND ${MAY_MERGE} LIMIT 1) found`;
      return candidatesOfRows(scope, rows, this.cipher);
    });
  }

  behind(
    scope: TenantScope,
    { namespace, model, ids }: CandidatesOf & { readonly ids: readonly string[] },
  ): Promise<MergedCandidate[]> {
    if (ids.length === 0) return Promise.resolve([]);
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<BehindRow[]>`
        SELECT found.* FROM unnest(${ids}::uuid[]) AS asked (id), LATERAL (
          SELECT m.id, m.created_at, m.merged_into, m.content, m.payload, m.metadata,
            m.sealed_content, m.sealed_payload, m.sealed_metadata,
            ${vectorOf({ model }, 'archived_embeddings')}
          FROM archived_memories m
          WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.merged_into = asked.id
            AND m.namespace = ${namespace} LIMIT 1000000) found`;
      return behindOfRows(scope, rows, this.cipher);
    });
  }

  merge(
    scope: TenantScope,
    namespace: string,
    merges: readonly Merge[],
    at: Date,
  ): Promise<Merge[]> {
    return this.database.withTenant(scope, (transaction) =>
      mergeMemories(transaction, scope, { namespace, merges, at }),
    );
  }

  list(
    scope: TenantScope,
    kept: MemoryId,
    { after, limit }: { readonly after: string | undefined; readonly limit: number },
  ): Promise<Merged[]> {
    const next = after === undefined ? Prisma.empty : Prisma.sql`AND a.id > ${after}::uuid`;
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<MergedRow[]>`
        SELECT a.id, a.coordinate, a.content, a.payload, a.metadata, a.sealed_content,
          a.sealed_payload, a.sealed_metadata, a.cosine, a.shared_words, a.archived_at, a.merged_by,
          a.created_at
        FROM archived_memories a
        WHERE a.tenant_id = ${scope.tenantId}::uuid AND a.merged_into = ${kept}::uuid ${next}
        ORDER BY a.id LIMIT ${limit}`;
      return (await this.cipher.open(scope, rows)).map(mergedOfRow);
    });
  }

  restore(
    scope: TenantScope,
    kept: MemoryId,
    members: readonly MemoryId[],
    coordinate: Coordinate | undefined,
  ): Promise<void> {
    return this.database.withTenant(scope, async (transaction) => {
      for (const id of members) {
        const one = { id, coordinate, why: MERGED };
        await restoreMemory(transaction, scope, one, this.cipher);
      }
      await transaction.execute`${appendEvent(scope, {
        action: 'memories.unmerge',
        targetKind: 'memory',
        target: kept,
        outcome: 'done',
        details: { memories: members.length },
        memoryIds: [kept, ...members],
      })}`;
    });
  }
}
