import { Injectable } from '@nestjs/common';
import { decodeCursor, encodeCursor, isUuid, SomaError, tenantId, TenantScope } from '@soma/core';
import { Embedder } from '@soma/embedding';
import { VectorIndex } from '@soma/vector-index';
import { ConsistencyStore } from './consistency-store.js';
import type {
  Consistency,
  ConsistencyQuery,
  ReconcileReport,
  ReconcileRequest,
  ReindexReport,
  ReindexRequest,
} from './consistency.schema.js';
import { ReconcileRuns } from './reconcile-runs.js';
import { Reindexer } from './reindexer.js';

const QUESTION = 'consistency';
const COUNTS_AT_ONCE = 8;

/** What the operator asks about the index, and has done about it. */
@Injectable()
export class ConsistencyService {
  constructor(
    private readonly store: ConsistencyStore,
    private readonly index: VectorIndex,
    private readonly embedder: Embedder,
    private readonly runs: ReconcileRuns,
    private readonly reindexer: Reindexer,
  ) {}

  async read({ limit, cursor }: ConsistencyQuery): Promise<Consistency> {
    const after = cursor === undefined ? undefined : decodeCursor(cursor, QUESTION, isId).id;
    const scopes = await this.store.tenants(limit + 1, after);
    const tenants: Consistency['tenants'] = [];
    for (let from = 0; from < Math.min(limit, scopes.length); from += COUNTS_AT_ONCE) {
      const some = scopes.slice(from, Math.min(from + COUNTS_AT_ONCE, limit));
      tenants.push(...(await Promise.all(some.map((scope) => this.count(scope)))));
    }
    const last = scopes.length > limit ? scopes[limit - 1]?.tenantId : undefined;
    return {
      last_run: (await this.runs.last()) ?? null,
      tenants,
      next_cursor: last === undefined ? null : encodeCursor({ value: last, id: last }, QUESTION),
    };
  }

  /** @throws SomaError TENANT_NOT_FOUND */
  async reconcile({ tenant, dry_run: dryRun }: ReconcileRequest): Promise<ReconcileReport> {
    return this.runs.reconcile({ tenant: await this.existing(tenant), dryRun });
  }

  /** @throws SomaError TENANT_NOT_FOUND */
  async reindex({ tenant }: ReindexRequest): Promise<ReindexReport> {
    return this.reindexer.reindex(await this.existing(tenant));
  }

  private async count(scope: TenantScope): Promise<Consistency['tenants'][number]> {
    const models = new Set([this.embedder.model, ...(await this.store.models(scope))]);
    let indexed = 0;
    for (const model of models) indexed += await this.index.count(scope, { model });
    return { tenant_id: scope.tenantId, ...(await this.store.count(scope)), indexed };
  }

  private async existing(id: string | undefined): Promise<TenantScope | undefined> {
    if (id === undefined) return undefined;
    const scope = TenantScope.of(tenantId(id.toLowerCase()));
    if (await this.store.hasTenant(scope)) return scope;
    throw new SomaError('TENANT_NOT_FOUND', `There is no tenant ${id}.`);
  }
}

const isId = (value: string | number): boolean => typeof value === 'string' && isUuid(value);
