import { setTimeout as sleep } from 'node:timers/promises';
import { SomaError } from '@soma/core';
import type { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { CANARY_NAMESPACE, CANARY_SCOPE, canaryEntry } from './canary.js';
import { assertSchema, collectionFields, FIELDS } from './collection-schema.js';
import type { MilvusConnection } from './milvus-connection.js';
import { TenantExpression } from './milvus-expression.js';
import { MilvusRefusal, tooLate } from './milvus-failure.js';
import type { MilvusSettings } from './milvus-options.js';
import type { MilvusRows } from './milvus-rows.js';

const POLL_MS = 50;
const APPEARANCE_POLLS = 40;
const HNSW_BUILD = { M: 16, efConstruction: 200 } as const;
const METRIC = 'COSINE';

/** Makes collections fit for use. Safe to run by several processes at once, and again. */
export class CollectionSetup {
  constructor(
    private readonly connection: MilvusConnection,
    private readonly rows: MilvusRows,
    private readonly settings: MilvusSettings,
  ) {}

  async exists(name: string): Promise<boolean> {
    const { value } = await this.connection.call(
      'look for a collection',
      this.settings.searchTimeoutMs,
      (client, timeout) => client.hasCollection({ collection_name: name, timeout }),
    );
    return Boolean(value);
  }

  /** Names of all collections on the server. */
  async list(): Promise<string[]> {
    const { data } = await this.connection.call(
      'list its collections',
      this.settings.searchTimeoutMs,
      (client, timeout) => client.showCollections({ timeout }),
    );
    return data.map(({ name }) => name);
  }

  /** @throws SomaError where no other process is making it either. */
  async create(name: string, dimension: number): Promise<void> {
    try {
      await this.setup('create a collection', (client, timeout) =>
        client.createCollection({
          collection_name: name,
          fields: collectionFields(dimension),
          num_partitions: this.settings.partitions,
          consistency_level: 'Bounded',
          timeout,
        }),
      );
    } catch (error) {
      if (!(await this.appears(name))) throw error;
    }
  }

  async drop(name: string): Promise<void> {
    await this.setup('drop a collection', (client, timeout) =>
      client.dropCollection({ collection_name: name, timeout }),
    );
  }

  /** Checks the schema of a collection that exists, indexes and loads it, and sets its canary. */
  async prepare(name: string, dimension: number): Promise<void> {
    const description = await this.setup('describe a collection', (client, timeout) =>
      client.describeCollection({ collection_name: name, timeout }),
    );
    assertSchema(name, dimension, description);
    await this.ensureIndex(name);
    await this.load(name);
    await this.ensureCanary(name, dimension);
  }

  /** Whether a collection that could not be made turns up, as another process makes it. */
  private async appears(name: string): Promise<boolean> {
    for (let attempt = 0; attempt < APPEARANCE_POLLS; attempt += 1) {
      if (await this.exists(name)) return true;
      await sleep(POLL_MS);
    }
    return false;
  }

  private async ensureIndex(name: string): Promise<void> {
    if (await this.hasIndex(name)) return;
    const { indexType } = await this.connection.features();
    try {
      await this.setup('index a collection', (client, timeout) =>
        client.createIndex({
          collection_name: name,
          field_name: FIELDS.vector,
          index_type: indexType,
          metric_type: METRIC,
          params: indexType === 'HNSW' ? HNSW_BUILD : {},
          timeout,
        }),
      );
    } catch (error) {
      if (!(await this.hasIndex(name))) throw error;
    }
  }

  private async hasIndex(name: string): Promise<boolean> {
    try {
      await this.setup('describe an index', (client, timeout) =>
        client.describeIndex({ collection_name: name, timeout }),
      );
      return true;
    } catch (error) {
      if (error instanceof SomaError && error.cause instanceof MilvusRefusal) return false;
      throw error;
    }
  }

  private async load(name: string): Promise<void> {
    await this.setup('load a collection', (client, timeout) =>
      client.loadCollection({ collection_name: name, timeout }),
    );
    await this.until(async () => {
      const { progress } = await this.setup('tell its loading progress', (client, timeout) =>
        client.getLoadingProgress({ collection_name: name, timeout }),
      );
      return Number(progress) >= 100;
    });
  }

  /**
   * Set only into a collection that never held a row: in any other its absence means that the
   * server has yet to recover.
   */
  private async ensureCanary(name: string, dimension: number): Promise<void> {
    const { data } = await this.setup('tell the size of a collection', (client, timeout) =>
      client.getCollectionStatistics({ collection_name: name, timeout }),
    );
    const expression = TenantExpression.of(CANARY_SCOPE, CANARY_NAMESPACE);
    if (Number(data.row_count) > 0) return;
    const canary = canaryEntry(dimension);
    if ((await this.rows.count(name, expression)) === 0) {
      await this.rows.put(name, CANARY_SCOPE, [canary]);
    }
    const query = { vector: canary.vector, topK: 1, expression };
    await this.until(async () => (await this.rows.search(name, CANARY_SCOPE, query)).length > 0);
  }

  private async until(isDone: () => Promise<boolean>): Promise<void> {
    const giveUpAt = Date.now() + this.settings.setupTimeoutMs;
    while (!(await isDone())) {
      if (Date.now() > giveUpAt) throw tooLate('set up a collection', this.settings.setupTimeoutMs);
      await sleep(POLL_MS);
    }
  }

  private setup<Answer extends object>(
    operation: string,
    send: (client: MilvusClient, timeoutMs: number) => Promise<Answer>,
  ): Promise<Answer> {
    return this.connection.call(operation, this.settings.setupTimeoutMs, send);
  }
}
