import { SomaError, type TenantScope } from '@soma/core';
import { assertVector } from '../assert-vector.js';
import {
  VectorIndex,
  type CountedEntries,
  type EntryIdPage,
  type IndexEntry,
  type IndexHit,
  type IndexQuery,
  type SoughtEntries,
} from '../vector-index.js';
import { CANARY_NAMESPACE, CANARY_SCOPE, canaryEntry } from './canary.js';
import { dimensionOf } from './collection-schema.js';
import { withDeadline } from './deadline.js';
import { CollectionSetup } from './ensure-collection.js';
import { MilvusConnection } from './milvus-connection.js';
import { TenantExpression } from './milvus-expression.js';
import { MilvusRefusal, unfit } from './milvus-failure.js';
import { milvusSettings, type MilvusOptions, type MilvusSettings } from './milvus-options.js';
import { MilvusRows } from './milvus-rows.js';
import { OpenCollections } from './open-collections.js';

/**
 * Approximate search on a Milvus server, 2.3 or later. Hits may include entries that a filter would
 * keep out (see `compileFilter`) or that are already removed; none is of another tenant. Nothing is
 * asked of the server before the first call.
 */
export class MilvusVectorIndex extends VectorIndex {
  readonly visibilityLagMs: number;
  private readonly settings: MilvusSettings;
  private readonly connection: MilvusConnection;
  private readonly rows: MilvusRows;
  private readonly collections: OpenCollections;

  constructor(options: MilvusOptions) {
    super();
    this.settings = milvusSettings(options);
    this.visibilityLagMs = this.settings.visibilityLagMs;
    this.connection = new MilvusConnection(this.settings);
    this.rows = new MilvusRows(this.connection, this.settings);
    const setup = new CollectionSetup(this.connection, this.rows, this.settings);
    this.collections = new OpenCollections(setup, this.settings.collectionPrefix);
  }

  async insert(scope: TenantScope, entries: readonly IndexEntry[]): Promise<void> {
    for (const { vector } of entries) assertVector(vector);
    const groups = Map.groupBy(entries, ({ model, vector }) =>
      JSON.stringify([model, vector.length]),
    );
    for (const group of groups.values()) {
      const [first] = group;
      if (!first) continue;
      const name = await this.collections.ensure(first.model, first.vector.length);
      await this.using(name, () => this.rows.put(name, scope, group));
    }
  }

  async remove(scope: TenantScope, model: string, entryIds: readonly string[]): Promise<void> {
    if (entryIds.length === 0) return;
    for (const name of await this.collections.ofModel(model)) {
      await this.using(name, () => this.rows.delete(name, scope, entryIds));
    }
  }

  search(scope: TenantScope, query: IndexQuery): Promise<IndexHit[]> {
    assertVector(query.vector);
    return withDeadline('search', this.settings.searchTimeoutMs, this.searchNow(scope, query));
  }

  async count(scope: TenantScope, { namespace, model }: CountedEntries): Promise<number> {
    const expression =
      namespace === undefined
        ? TenantExpression.ofTenant(scope)
        : TenantExpression.of(scope, namespace);
    return askTwice(async () => {
      let total = 0;
      for (const name of await this.collections.ofModel(model)) {
        total += await this.using(name, () => this.rows.count(name, expression));
      }
      return total;
    });
  }

  entryIds(scope: TenantScope, page: EntryIdPage): Promise<string[]> {
    return askTwice(async () => {
      const ids: string[] = [];
      for (const name of await this.collections.ofModel(page.model)) {
        const found = await this.using(name, () => this.rows.entryIds(name, scope, page));
        if (found.length === 0) await this.using(name, () => this.findCanary(name));
        ids.push(...found);
      }
      return ids.toSorted().slice(0, page.limit);
    });
  }

  drop(model: string): Promise<void> {
    return this.collections.drop(model);
  }

  held(scope: TenantScope, sought: SoughtEntries): Promise<string[]> {
    return askTwice(async () => {
      const ids: string[] = [];
      for (const name of await this.collections.ofModel(sought.model)) {
        const found = await this.using(name, () => this.rows.held(name, scope, sought));
        if (found.length === 0) await this.using(name, () => this.findCanary(name));
        ids.push(...found);
      }
      return ids;
    });
  }

  clear(scope: TenantScope): Promise<number> {
    return askTwice(async () => {
      let cleared = 0;
      for (const name of await this.collections.all()) {
        cleared += await this.using(name, () => this.rows.clear(name, scope));
        await this.using(name, () => this.findCanary(name));
      }
      return cleared;
    });
  }

  check(): Promise<void> {
    return withDeadline('find its canary', this.settings.searchTimeoutMs, this.findCanaries());
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  private async searchNow(scope: TenantScope, query: IndexQuery): Promise<IndexHit[]> {
    const { namespace, model, vector, topK, filter } = query;
    const { dialect } = await this.connection.features();
    const expression = TenantExpression.of(scope, namespace, { filter, dialect });
    const name = await this.collections.find(model, vector.length);
    if (name === undefined) return [];
    return this.using(name, async () => {
      const hits = await this.rows.search(name, scope, { vector, topK, expression });
      if (hits.length === 0) await this.findCanary(name);
      return hits;
    });
  }

  private async findCanaries(): Promise<void> {
    await this.connection.ping();
    for (const name of await this.collections.all()) {
      try {
        await this.using(name, () => this.findCanary(name));
      } catch (error) {
        if (!isRefusal(error) || (await this.collections.exists(name))) throw error;
      }
    }
  }

  /** Tells "nothing there" from "nothing loaded yet": a recovering server finds nothing at all. */
  private async findCanary(name: string): Promise<void> {
    const dimension = dimensionOf(this.settings.collectionPrefix, name) ?? 1;
    const { vector } = canaryEntry(dimension);
    const expression = TenantExpression.of(CANARY_SCOPE, CANARY_NAMESPACE);
    const hits = await this.rows.search(name, CANARY_SCOPE, { vector, topK: 1, expression });
    if (hits.length === 0) {
      throw unfit(`The vector index answers, but does not find its canary in ${name}.`);
    }
  }

  /** A refusal may mean that the collection was dropped or released: it is checked next time. */
  private async using<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (isRefusal(error)) this.collections.forget(name);
      throw error;
    }
  }
}

/** A collection that was dropped is refused once, and then known to be gone. */
async function askTwice<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (isRefusal(error)) return ask();
    throw error;
  }
}

const isRefusal = (error: unknown): boolean =>
  error instanceof SomaError && error.cause instanceof MilvusRefusal;
