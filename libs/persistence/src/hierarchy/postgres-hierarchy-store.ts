import { Injectable } from '@nestjs/common';
import { Clock, SomaError, tenantId, TenantScope } from '@soma/core';
import {
  type DueNamespace,
  HierarchyStore,
  type Layer,
  type LayerChange,
  type LayerItem,
  type LayerOutcome,
  type Mark,
  type NodeDraft,
  type Place,
  type SourceStep,
  type SourceText,
  type StoredNode,
  type TreePage,
} from '@soma/consolidation';
import type { Memory } from '@soma/memory';
import { tellOf } from '../audit/memories-event.js';
import { Database } from '../connection/database.js';
import type { Transaction } from '../connection/transaction.js';
import { type MaybeSealed, RowCipher, type StoredVector } from '../encryption/row-cipher.js';
import { Prisma } from '../generated/client.js';
import { OF_ACTIVE_MODEL } from '../memory/memory-row.js';
import { holdNamespace } from '../memory/namespace-lock.js';
import { applyChange, areInForce, insertNodes } from './hierarchy-change.js';
import {
  firstMark,
  isSingle,
  itemsBefore,
  itemsOf,
  itemsOnward,
  marksFrom,
  recentItems,
} from './hierarchy-layers.js';
import { readNodes, readRoots, readSteps } from './hierarchy-reads.js';

/** Longer than a span takes with a slow model; renewed by each. */
const TURN = Prisma.sql`interval '2 minutes'`;
const NOT_APPLIED = { made: 0, removed: 0 } as const;

interface TextRow extends MaybeSealed {
  speaker: string | null;
  importance: number;
  trust: number;
}

@Injectable()
export class PostgresHierarchyStore extends HierarchyStore {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly cipher: RowCipher,
  ) {
    super();
  }

  due(marks: number, ageMs: number, limit: number): Promise<DueNamespace[]> {
    return this.database.withSystem(async (transaction) => {
      const rows = await transaction.$queryRaw<{ tenant_id: string; namespace: string }[]>`
        SELECT k.tenant_id, k.namespace FROM hierarchy_marks k
        GROUP BY k.tenant_id, k.namespace
        HAVING count(*) >= ${marks}::bigint
          OR min(k.marked_at) <= now() - make_interval(secs => ${ageMs / 1000}::float8)
        ORDER BY min(k.marked_at) LIMIT ${limit}`;
      return rows.map((row) => ({
        scope: TenantScope.of(tenantId(row.tenant_id)),
        namespace: row.namespace,
      }));
    });
  }

  marked(scope: TenantScope): Promise<string[]> {
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<{ namespace: string }[]>`
        SELECT DISTINCT namespace FROM hierarchy_marks
        WHERE tenant_id = ${scope.tenantId}::uuid ORDER BY 1`;
      return rows.map(({ namespace }) => namespace);
    });
  }

  waiting(
    scope: TenantScope,
    namespace: string,
    since?: Date,
  ): Promise<{ all: number; since: number }> {
    return this.database.withTenant(scope, async (transaction) => {
      const [row] = await transaction.query<{ all: number; since: number }[]>`
        SELECT count(*)::int AS all, count(*) FILTER (
          WHERE k.marked_at >= coalesce(${since ?? null}::timestamptz, '-infinity'))::int AS since
        FROM hierarchy_marks k
        WHERE k.tenant_id = ${scope.tenantId}::uuid AND k.namespace = ${namespace}`;
      return row ?? { all: 0, since: 0 };
    });
  }

  take(scope: TenantScope, namespace: string, holder: string): Promise<boolean> {
    return this.database.withTenant(scope, async (transaction) => {
      const taken = await transaction.execute`
        INSERT INTO hierarchy_turns AS t (tenant_id, namespace, holder, expires_at)
        VALUES (${scope.tenantId}::uuid, ${namespace}, ${holder}::uuid, now() + ${TURN})
        ON CONFLICT (tenant_id, namespace) DO UPDATE
          SET holder = excluded.holder, expires_at = excluded.expires_at
          WHERE t.holder IS NULL OR t.holder = excluded.holder OR t.expires_at < now()`;
      return taken > 0;
    });
  }

  async release(scope: TenantScope, namespace: string, holder: string): Promise<void> {
    await this.database.withTenant(
      scope,
      (transaction) => transaction.execute`
        DELETE FROM hierarchy_turns WHERE tenant_id = ${scope.tenantId}::uuid
          AND namespace = ${namespace} AND holder = ${holder}::uuid`,
    );
  }

  firstMark(
    scope: TenantScope,
    namespace: string,
    since?: Date,
  ): Promise<{ level: number; mark: Mark } | undefined> {
    return this.database.withTenant(scope, (transaction) =>
      firstMark(transaction, scope, namespace, since),
    );
  }

  marks(scope: TenantScope, layer: Layer, from: Place, limit: number): Promise<Mark[]> {
    return this.database.withTenant(scope, (transaction) =>
      marksFrom(transaction, scope, layer, { from, limit }),
    );
  }

  before(
    scope: TenantScope,
    layer: Layer,
    at: Place | LayerItem,
    limit: number,
  ): Promise<LayerItem[]> {
    return this.database.withTenant(scope, (transaction) =>
      itemsBefore(transaction, scope, layer, { at, limit }),
    );
  }

  onward(
    scope: TenantScope,
    layer: Layer,
    at: Place | LayerItem,
    limit: number,
  ): Promise<LayerItem[]> {
    return this.database.withTenant(scope, (transaction) =>
      itemsOnward(transaction, scope, layer, { at, limit }),
    );
  }

  isSingle(scope: TenantScope, layer: Layer): Promise<boolean> {
    return this.database.withTenant(scope, (transaction) => isSingle(transaction, scope, layer));
  }

  vectors(scope: TenantScope, ids: readonly string[]): Promise<Map<string, Float32Array>> {
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<StoredVector[]>`
        SELECT asked.id AS memory_id, found.vector FROM unnest(${ids}::uuid[]) AS asked (id), LATERAL (
          SELECT e.vector FROM embeddings e
          WHERE e.tenant_id = ${scope.tenantId}::uuid AND e.memory_id = asked.id
            AND ${OF_ACTIVE_MODEL} LIMIT 1) found`;
      const vectors = await this.cipher.vectors(scope, rows);
      return new Map(vectors.map((vector, at) => [rows[at]?.memory_id ?? '', vector]));
    });
  }

  existing(scope: TenantScope, ids: readonly string[]): Promise<Set<string>> {
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<{ id: string }[]>`
        SELECT found.id FROM unnest(${ids}::uuid[]) AS asked (id), LATERAL (
          SELECT m.id FROM memories m
          WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.id = asked.id LIMIT 1) found`;
      return new Set(rows.map(({ id }) => id));
    });
  }

  texts(scope: TenantScope, ids: readonly string[]): Promise<Map<string, SourceText>> {
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<TextRow[]>`
        SELECT found.* FROM unnest(${ids}::uuid[]) AS asked (id), LATERAL (
          SELECT m.id, m.content, '{}'::jsonb AS payload, '{}'::jsonb AS metadata, m.speaker,
            m.importance, m.trust, m.sealed_content, NULL::bytea AS sealed_payload,
            NULL::bytea AS sealed_metadata
          FROM memories m
          WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.id = asked.id LIMIT 1) found`;
      const opened = await this.cipher.open(scope, rows);
      return new Map(
        opened.map(({ id, content, speaker, importance, trust }) => [
          id,
          { id, content, speaker, importance, trust },
        ]),
      );
    });
  }

  apply(scope: TenantScope, change: LayerChange): Promise<LayerOutcome> {
    const { namespace, holder } = change;
    return this.database.withTenant(scope, async (transaction) => {
      const sealing = await this.writing(transaction, scope, namespace);
      const held = await transaction.execute`
        UPDATE hierarchy_turns SET expires_at = now() + ${TURN}
        WHERE tenant_id = ${scope.tenantId}::uuid AND namespace = ${namespace}
          AND holder = ${holder}::uuid`;
      if (held === 0) return { state: 'lost', ...NOT_APPLIED };
      return applyChange(transaction, scope, change, { now: this.clock.now(), sealing });
    });
  }

  store(scope: TenantScope, namespace: string, draft: NodeDraft): Promise<Memory> {
    return this.database.withTenant(scope, async (transaction) => {
      const sealing = await this.writing(transaction, scope, namespace);
      const from = draft.sources.map(({ id }) => id).sort();
      const there = await transaction.query<unknown[]>`
        SELECT 1 FROM unnest(${from}::uuid[]) AS asked (id), LATERAL (
          SELECT m.id FROM memories m
          WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.id = asked.id LIMIT 1 FOR KEY SHARE) held`;
      if (there.length < from.length || !(await areInForce(transaction, scope, from))) {
        throw new SomaError(
          'MEMORY_NOT_FOUND',
          'One of the memories was deleted or superseded meanwhile; ask again.',
        );
      }
      await insertNodes(transaction, scope, namespace, [draft], { now: this.clock.now(), sealing });
      const ids = [draft.id];
      await tellOf(transaction, scope, 'memories.store', { ids, details: { kind: 'digest' } });
      const [node] = await readNodes(transaction, scope, ids, this.cipher);
      if (!node) throw new Error('A digest was stored and is not there.');
      return node.memory;
    });
  }

  roots(scope: TenantScope, page: TreePage): Promise<StoredNode[]> {
    return this.database.withTenant(scope, (transaction) =>
      readRoots(transaction, scope, page, this.cipher),
    );
  }

  nodes(scope: TenantScope, ids: readonly string[]): Promise<StoredNode[]> {
    return this.database.withTenant(scope, (transaction) =>
      readNodes(transaction, scope, ids, this.cipher),
    );
  }

  steps(
    scope: TenantScope,
    ids: readonly string[],
    direction: 'up' | 'down',
    depth: number,
    limit: number,
  ): Promise<SourceStep[]> {
    return this.database.withTenant(scope, (transaction) =>
      readSteps(transaction, scope, ids, { direction, depth, limit }),
    );
  }

  recent(
    scope: TenantScope,
    namespace: string,
    by: 'recent' | 'important',
    limit: number,
  ): Promise<LayerItem[]> {
    return this.database.withTenant(scope, (transaction) =>
      recentItems(transaction, scope, namespace, { by, limit }),
    );
  }

  items(scope: TenantScope, ids: readonly string[]): Promise<LayerItem[]> {
    return this.database.withTenant(scope, (transaction) => itemsOf(transaction, scope, ids));
  }

  private async writing(transaction: Transaction, scope: TenantScope, namespace: string) {
    await holdNamespace(transaction, scope, namespace);
    return this.cipher.sealing(transaction, scope);
  }
}
