import { randomBytes } from 'node:crypto';
import { DataType, MilvusClient } from '@zilliz/milvus2-sdk-node';
import type { ResStatus } from '@zilliz/milvus2-sdk-node';
import { SEARCH_TOP_K } from './operation.ts';
import type { Call, Operation, Side } from './operation.ts';
import { DIMENSION } from './workload.ts';
import type { WorkItem } from './workload.ts';

const TENANT = '00000000-0000-7000-8000-000000000001';
const ROWS_PER_INSERT = 500;

/** Milvus by its SDK, in a collection of its own that `close` drops. */
export async function openMilvus(address: string): Promise<Side> {
  const client = new MilvusClient({ address });
  const collection = `bench_${randomBytes(6).toString('hex')}`;
  must(
    await client.createCollection({
      collection_name: collection,
      consistency_level: 'Bounded',
      fields: [
        { name: 'id', data_type: DataType.Int64, is_primary_key: true, autoID: true },
        { name: 'tenant', data_type: DataType.VarChar, max_length: 36, is_partition_key: true },
        { name: 'coordinate', data_type: DataType.VarChar, max_length: 512 },
        { name: 'importance', data_type: DataType.Float },
        { name: 'vector', data_type: DataType.FloatVector, dim: DIMENSION },
      ],
    }),
  );
  must(
    await client.createIndex({
      collection_name: collection,
      field_name: 'vector',
      index_type: 'HNSW',
      metric_type: 'IP',
      params: { M: 16, efConstruction: 200 },
    }),
  );
  must(await client.loadCollectionSync({ collection_name: collection }));
  return new MilvusSide(client, collection);
}

/** One insert of a row with its vector, one search under a tenant filter. */
class MilvusSide implements Side {
  readonly name = 'Milvus';
  readonly operations: readonly Operation[] = ['store', 'search'];
  readonly #client: MilvusClient;
  readonly #collection: string;

  constructor(client: MilvusClient, collection: string) {
    this.#client = client;
    this.#collection = collection;
  }

  async load(items: readonly WorkItem[]): Promise<void> {
    for (let start = 0; start < items.length; start += ROWS_PER_INSERT) {
      await this.#insert(items.slice(start, start + ROWS_PER_INSERT));
    }
    await this.#client.flushSync({ collection_names: [this.#collection] });
  }

  async run(call: Call): Promise<void> {
    if (call.operation === 'store') return this.#insert([call.item]);
    if (call.operation !== 'search') throw new Error(`${this.name} cannot ${call.operation}`);
    const { status, results } = await this.#client.search({
      collection_name: this.#collection,
      anns_field: 'vector',
      data: Array.from(call.query.vector),
      filter: `tenant == "${TENANT}"`,
      limit: SEARCH_TOP_K,
      // Named, because by default all fields come back, and for vectors Milvus queries once more.
      output_fields: ['coordinate'],
      metric_type: 'IP',
      params: { ef: 64 },
    });
    must(status);
    if (results.length !== SEARCH_TOP_K) throw new Error(`${this.name} found ${results.length}`);
  }

  async close(): Promise<void> {
    await this.#client.dropCollection({ collection_name: this.#collection });
    await this.#client.closeConnection();
  }

  async #insert(items: readonly WorkItem[]): Promise<void> {
    const { status } = await this.#client.insert({
      collection_name: this.#collection,
      data: items.map(({ memory, vector, importance }) => ({
        tenant: TENANT,
        coordinate: memory.coord,
        importance,
        vector: Array.from(vector),
      })),
    });
    must(status);
  }
}

/** The SDK reports failures in a status and does not throw. */
function must(status: ResStatus): void {
  if (status.error_code !== 'Success') throw new Error(`Milvus: ${status.reason}`);
}
