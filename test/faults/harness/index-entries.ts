import { ConsistencyLevelEnum, MilvusClient } from '@zilliz/milvus2-sdk-node';

const CALL_TIMEOUT_MS = 10_000;
const PAGE = 8_000;

/** Reads Milvus itself, past the service. */
export class IndexEntries {
  readonly #address: string;
  readonly #prefix: string;

  /** `prefix` is SOMA_MILVUS_COLLECTION_PREFIX. */
  constructor(address: string, prefix: string) {
    this.#address = address;
    this.#prefix = prefix;
  }

  /** The entry ids of a tenant, each as often as it is there. Rejects while Milvus does not answer. */
  async of(tenant: string): Promise<string[]> {
    const lists = await this.#each((client, collection) => list(client, collection, tenant));
    return lists.flat();
  }

  /** Takes all entries of a tenant away, behind the service's back. */
  async removeAll(tenant: string): Promise<void> {
    await this.#each((client, collection_name) =>
      client.delete({ collection_name, filter: `tenant_id == "${tenant}"` }),
    );
  }

  async #each<Result>(
    work: (client: MilvusClient, collection: string) => Promise<Result>,
  ): Promise<Result[]> {
    // A new one each time: the client remembers for long that a killed server was away.
    const client = new MilvusClient({ address: this.#address, logLevel: 'error', maxRetries: 0 });
    try {
      const { data: collections } = await client.listCollections({ timeout: CALL_TIMEOUT_MS });
      const results: Result[] = [];
      for (const { name } of collections) {
        if (name.startsWith(`${this.#prefix}_`)) results.push(await work(client, name));
      }
      return results;
    } finally {
      await client.closeConnection();
    }
  }
}

async function list(client: MilvusClient, name: string, tenant: string): Promise<string[]> {
  const ids: string[] = [];
  for (let after = ''; ;) {
    const { status, data } = await client.query({
      collection_name: name,
      filter: `tenant_id == "${tenant}" and entry_key > "${after}"`,
      output_fields: ['entry_key'],
      limit: PAGE,
      consistency_level: ConsistencyLevelEnum.Strong,
      timeout: CALL_TIMEOUT_MS,
    });
    if (status.error_code !== 'Success') throw new Error(`Milvus: ${status.reason}`);
    const keys = data.map((row) => String(row['entry_key'])).sort();
    ids.push(...keys.map((key) => key.slice(key.indexOf('/') + 1)));
    const last = keys.at(-1);
    if (keys.length < PAGE || last === undefined) return ids;
    after = last;
  }
}
