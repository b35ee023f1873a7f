import type { TenantScope } from '@soma/core';
import { ConsistencyLevelEnum } from '@zilliz/milvus2-sdk-node';
import type { EntryIdPage, IndexEntry, IndexHit, SoughtEntries } from '../vector-index.js';
import { FIELDS } from './collection-schema.js';
import { entryIdsOf, entryKey, entryRow, hitsOf } from './entry-row.js';
import type { MilvusConnection } from './milvus-connection.js';
import { TenantExpression } from './milvus-expression.js';
import { textLiteral } from './milvus-literal.js';
import type { MilvusSettings } from './milvus-options.js';

/** With 64 kB of JSON twice in each row this stays below the 64 MiB of one gRPC message. */
const ROWS_A_CALL = 256;
/** Candidates that HNSW keeps in hand: more find more, and take longer. */
const MIN_SEARCH_BREADTH = 256;
const COUNT = 'count(*)';
const IDS_A_PAGE = 5_000;

/** Rows of one loaded collection, and all that is ever done to them. */
export class MilvusRows {
  constructor(
    private readonly connection: MilvusConnection,
    private readonly settings: MilvusSettings,
  ) {}

  /**
   * Writes rows under their keys, once each however often it is called: whatever stands there is
   * deleted first, by key. (An upsert would do both, but 2.3 then no longer finds the row.)
   */
  async put(name: string, scope: TenantScope, entries: readonly IndexEntry[]): Promise<void> {
    const unique = [...new Map(entries.map((entry) => [entry.entryId, entry])).values()];
    for (const batch of batches(unique)) {
      await this.delete(
        name,
        scope,
        batch.map(({ entryId }) => entryId),
      );
      const data = batch.map((entry) => entryRow(scope, entry));
      await this.connection.call('insert', this.settings.writeTimeoutMs, (client, timeout) =>
        client.insert({ collection_name: name, data, timeout }),
      );
    }
  }

  async delete(name: string, scope: TenantScope, entryIds: readonly string[]): Promise<void> {
    for (const batch of batches(entryIds)) {
      const keys = batch.map((entryId) => textLiteral(entryKey(scope, entryId)));
      const filter = `${FIELDS.key} in [${keys.join(', ')}]`;
      await this.connection.call('remove', this.settings.writeTimeoutMs, (client, timeout) =>
        client.deleteEntities({ collection_name: name, filter, timeout }),
      );
    }
  }

  async search(
    name: string,
    scope: TenantScope,
    query: {
      readonly vector: Float32Array;
      readonly topK: number;
      readonly expression: TenantExpression;
    },
  ): Promise<IndexHit[]> {
    const found = await this.connection.call(
      'search',
      this.settings.searchTimeoutMs,
      (client, timeout) =>
        client.search({
          collection_name: name,
          anns_field: FIELDS.vector,
          data: Array.from(query.vector),
          limit: query.topK,
          filter: query.expression.text,
          // The `id` that the SDK promises in each hit is missing unless the key is named `id`.
          output_fields: [FIELDS.key, FIELDS.memoryId],
          params: { ef: Math.max(MIN_SEARCH_BREADTH, 2 * query.topK) },
          // Strong is 0, which the SDK's search takes for "not given".
          consistency_level: ConsistencyLevelEnum.Bounded,
          timeout,
        }),
    );
    return hitsOf(scope, found.results);
  }

  async count(name: string, expression: TenantExpression): Promise<number> {
    const { data } = await this.connection.call(
      'count',
      this.settings.writeTimeoutMs,
      (client, timeout) =>
        client.query({
          collection_name: name,
          filter: expression.text,
          output_fields: [COUNT],
          consistency_level: ConsistencyLevelEnum.Strong,
          timeout,
        }),
    );
    return Number(data[0]?.[COUNT] ?? 0);
  }

  /** In ascending order, at most `limit`. */
  async entryIds(
    name: string,
    scope: TenantScope,
    { after, limit }: Pick<EntryIdPage, 'after' | 'limit'>,
  ): Promise<string[]> {
    const { hasOrderedQueries } = await this.connection.features();
    const expression = TenantExpression.ofTenant(scope, after);
    const ids = await this.idsOf(name, scope, expression, hasOrderedQueries ? limit : undefined);
    return ids.slice(0, limit);
  }

  async held(name: string, scope: TenantScope, sought: SoughtEntries): Promise<string[]> {
    const found = new Set<string>();
    for (const ids of batches(sought.entryIds)) {
      const expression = TenantExpression.ofEntries(scope, ids);
      for (const id of await this.idsOf(name, scope, expression)) found.add(id);
    }
    for (const ids of batches(sought.memoryIds)) {
      const expression = TenantExpression.ofMemories(scope, ids);
      for (const id of await this.idsOf(name, scope, expression)) found.add(id);
    }
    return [...found];
  }

  /** @returns how many rows of the tenant there were. */
  async clear(name: string, scope: TenantScope): Promise<number> {
    let cleared = 0;
    for (;;) {
      const ids = await this.entryIds(name, scope, { limit: IDS_A_PAGE });
      if (ids.length === 0) return cleared;
      await this.delete(name, scope, ids);
      cleared += ids.length;
    }
  }

  private async idsOf(
    name: string,
    scope: TenantScope,
    expression: TenantExpression,
    limit?: number,
  ): Promise<string[]> {
    const { data } = await this.connection.call(
      'list entries',
      this.settings.writeTimeoutMs,
      (client, timeout) =>
        client.query({
          collection_name: name,
          filter: expression.text,
          output_fields: [FIELDS.key],
          ...(limit !== undefined && { limit }),
          consistency_level: ConsistencyLevelEnum.Strong,
          timeout,
        }),
    );
    return entryIdsOf(scope, data);
  }
}

function* batches<Item>(items: readonly Item[]): Generator<Item[]> {
  for (let from = 0; from < items.length; from += ROWS_A_CALL) {
    yield items.slice(from, from + ROWS_A_CALL);
  }
}
