import { Injectable } from '@nestjs/common';
import { memoryId, type TenantScope } from '@soma/core';
import { unitVector } from '@soma/embedding';
import { type IndexPartition, type Keyed, rankExactly, VectorIndex } from '@soma/vector-index';
import { ConsistencyStore } from './consistency-store.js';
import { ModelVectors, type StoredVector } from './model-vectors.js';
import { everyPage, groupsOf } from './paired-entries.js';
import { tenantsOf } from './tenants-of.js';

/** Recall@10 against exact search, below which an index is not switched to. */
export const LEAST_RECALL = 0.98;

const TOP = 10;
/** A memory may have two entries in the index for a while. */
const ASKED = 2 * TOP;
const QUERIES = 200;
const PARTITIONS = 20;
const VECTORS_A_PAGE = 1_000;
/** More than float32 of two engines differ by: a tie at the border is no miss. */
const SCORE_ERROR = 1e-4;

export interface GateFigures {
  /** Mean share of the exact nearest ten that the index found, 0 to 1; 1 without a query. */
  readonly recall: number;
  readonly queries: number;
}

export interface GateOptions {
  /** Called between two steps; a rejection ends it. */
  readonly keep: () => Promise<void>;
  /** 0 to 1. */
  readonly random?: () => number;
  /** All of them unless set. */
  readonly tenants?: Iterable<TenantScope>;
  /** Queries in all, about; 200 unless set. */
  readonly queries?: number;
  /** Most vectors that are compared with: namespaces that are larger are left out. No limit unless set. */
  readonly mostVectors?: number;
}

interface Partition extends IndexPartition {
  readonly scope: TenantScope;
  readonly vectors: number;
}

interface Query {
  readonly vector: Float32Array;
  best: (Keyed & { readonly score: number })[];
}

/**
 * Holds a model's index against exact search over the vectors in Postgres, in the largest
 * namespaces. A query is the middle of two stored vectors: near to what is asked for, and no copy of
 * what is stored, which any index finds. No embedder is asked.
 */
@Injectable()
export class RecallGate {
  constructor(
    private readonly tenants: ConsistencyStore,
    private readonly vectors: ModelVectors,
    private readonly index: VectorIndex,
  ) {}

  /** @throws SomaError DEPENDENCY_UNAVAILABLE when the index does not answer. */
  async measure(model: string, options: GateOptions): Promise<GateFigures> {
    const { keep, random = Math.random } = options;
    const partitions = await this.largest(model, options);
    const share = Math.ceil((options.queries ?? QUERIES) / Math.max(1, partitions.length));
    let found = 0;
    let wanted = 0;
    let queries = 0;
    for (const partition of partitions) {
      const settledBefore = await this.tenants.timeBefore(
        partition.scope,
        this.index.visibilityLagMs,
      );
      const asked = await this.queriesOf(partition, settledBefore, { share, random });
      await keep();
      await this.compare(partition, settledBefore, { asked, keep });
      for (const query of asked) {
        found += await this.foundOf(partition, query);
        wanted += query.best.length;
        queries += 1;
      }
    }
    return { recall: wanted === 0 ? 1 : found / wanted, queries };
  }

  /** That fit together. */
  private async largest(
    model: string,
    { tenants, mostVectors = Infinity }: GateOptions,
  ): Promise<Partition[]> {
    const largest: Partition[] = [];
    for await (const scope of tenants ?? tenantsOf(this.tenants, undefined)) {
      for (const { namespace, vectors } of await this.vectors.namespaces(scope, model)) {
        if (vectors <= mostVectors) largest.push({ scope, namespace, model, vectors });
      }
      largest.sort((a, b) => b.vectors - a.vectors).splice(PARTITIONS);
    }
    let left = mostVectors;
    return largest.filter(({ vectors }) => {
      if (vectors > left) return false;
      left -= vectors;
      return true;
    });
  }

  /** From a reservoir, so that each stored vector is as likely as another. */
  private async queriesOf(
    partition: Partition,
    settledBefore: Date,
    { share, random }: { readonly share: number; readonly random: () => number },
  ): Promise<Query[]> {
    const kept: StoredVector[] = [];
    let seen = 0;
    for await (const stored of this.everyVector(partition, settledBefore)) {
      const place = seen < 2 * share ? seen : Math.floor(random() * (seen + 1));
      if (place < 2 * share) kept[place] = stored;
      seen += 1;
    }
    return kept.flatMap(({ vector }, at) => {
      const other = kept[kept.length - 1 - at];
      if (!other || at >= Math.ceil(kept.length / 2)) return [];
      const middle = unitVector(vector.map((value, i) => value + (other.vector[i] ?? 0)));
      return middle ? [{ vector: middle, best: [] }] : [];
    });
  }

  private async compare(
    partition: Partition,
    settledBefore: Date,
    { asked, keep }: { readonly asked: readonly Query[]; readonly keep: () => Promise<void> },
  ): Promise<void> {
    const vectors = this.everyVector(partition, settledBefore);
    for await (const page of groupsOf(VECTORS_A_PAGE, vectors)) {
      const items = page.map((stored) => ({ key: stored.memoryId, vector: stored.vector }));
      for (const query of asked) {
        const ranked = rankExactly(query.vector, items, TOP).map(({ item, score }) => ({
          ...item,
          score,
        }));
        query.best = [...query.best, ...ranked].sort((a, b) => b.score - a.score).slice(0, TOP);
        await nextTurn();
      }
      await keep();
    }
  }

  private async foundOf(
    { scope, namespace, model }: Partition,
    { vector, best }: Query,
  ): Promise<number> {
    const least = (best.at(-1)?.score ?? 1) - SCORE_ERROR;
    const hits = await this.index.search(scope, { namespace, model, vector, topK: ASKED });
    const near = hits.filter(({ score }) => score >= least);
    return Math.min(best.length, new Set(near.map((hit) => hit.memoryId)).size);
  }

  private everyVector(
    { scope, namespace, model }: Partition,
    settledBefore: Date,
  ): AsyncGenerator<StoredVector> {
    const limit = VECTORS_A_PAGE;
    return everyPage(
      limit,
      (stored: StoredVector) => stored.memoryId,
      (last) => {
        const after = last === undefined ? undefined : memoryId(last);
        return this.vectors.page(scope, { namespace, model, limit, settledBefore, after });
      },
    );
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
