import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { MilvusVectorIndex } from '@soma/vector-index';
import { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { Progress } from '../progress.ts';
import type { VectorKind } from './corpus.ts';
import type { Candidate, Stage } from './stage.ts';
import { modelOf } from './tenant.ts';
import type { Tenant } from './tenant.ts';

const INSERT_ROWS = 1_000;
const SETTLED_WITHIN_MS = 900_000;
/** An index that is built is loaded within moments, if there is one. */
const QUIET_MS = 10_000;
const POLL_MS = 500;
/** It reads filters row by row, in Python. */
const MOST_OF_LITE = 1_000;
/** A benchmark's machine is slow at times; the deadline is not what is measured. */
const PATIENCE_MS = 60_000;

/**
 * Milvus through the service's own adapter, in collections of its own that `close` drops. All
 * tenants share one partition, so that each is searched among the others' rows.
 */
export class MilvusCandidate implements Candidate {
  readonly mostMemories: number;
  readonly #name: string;
  readonly #client: MilvusClient;
  readonly #index: MilvusVectorIndex;
  readonly #prefix = `recall_${randomBytes(6).toString('hex')}`;
  readonly #isLite: boolean;

  constructor(address: string, isLite: boolean) {
    this.#name = isLite ? 'Milvus Lite' : 'Milvus';
    this.#isLite = isLite;
    this.mostMemories = isLite ? MOST_OF_LITE : Infinity;
    this.#client = new MilvusClient({ address, logLevel: 'error' });
    this.#index = new MilvusVectorIndex({
      address,
      collectionPrefix: this.#prefix,
      partitions: 1,
      searchTimeoutMs: PATIENCE_MS,
      writeTimeoutMs: PATIENCE_MS,
    });
  }

  async *stages(tenants: readonly Tenant[], kind: VectorKind): AsyncGenerator<Stage> {
    const total = tenants.reduce((sum, { entries }) => sum + entries.length, 0);
    const progress = new Progress('storing', total);
    for (const { scope, entries } of tenants) {
      for (let start = 0; start < entries.length; start += INSERT_ROWS) {
        const batch = entries.slice(start, start + INSERT_ROWS);
        await this.#index.insert(scope, batch);
        progress.advance(batch.length);
      }
    }
    await sleep(this.#index.visibilityLagMs);
    if (this.#isLite) {
      yield { name: this.#name, index: this.#index };
      return;
    }
    yield { name: `${this.#name}, just written`, index: this.#index };
    for (const collection of await this.#collections(modelOf(kind))) {
      const share = await this.#untilSettled(collection);
      yield { name: `${this.#name}, flushed, ${hnsw(share)}`, index: this.#index };
    }
  }

  async close(): Promise<void> {
    await this.#index.close();
    for (const name of await this.#collections('')) {
      await this.#client.dropCollection({ collection_name: name });
    }
    await this.#client.closeConnection();
  }

  async #collections(model: string): Promise<string[]> {
    const start = `${this.#prefix}_${model.replace(/\W+/g, '_')}`;
    const { data } = await this.#client.showCollections();
    return data.map(({ name }) => name).filter((name) => name.startsWith(start));
  }

  /**
   * Seals what was written and waits until the server's answers come from what will stay. Returns
   * the share of rows that are searched by an index: small segments get none.
   */
  async #untilSettled(name: string): Promise<number> {
    await this.#client.flushSync({ collection_names: [name] });
    const { data } = await this.#client.getCollectionStatistics({ collection_name: name });
    const rows = Number(data.row_count);
    const progress = new Progress('indexing', rows);
    const giveUpAt = Date.now() + SETTLED_WITHIN_MS;
    let shown = 0;
    let before = '';
    let since = Date.now();
    while (Date.now() < giveUpAt) {
      const { index_descriptions } = await this.#client.describeIndex({ collection_name: name });
      const indexed = Number(index_descriptions[0]?.indexed_rows ?? 0);
      if (indexed > shown) progress.advance(indexed - shown);
      shown = Math.max(shown, indexed);
      const { infos } = await this.#client.getQuerySegmentInfo({ collectionName: name });
      const sealed = infos.filter(({ state }) => String(state) === 'Sealed');
      const seen = JSON.stringify(sealed.map((segment) => [segment.segmentID, segment.index_name]));
      if (seen !== before) since = Date.now();
      before = seen;
      const isComplete =
        indexed >= rows && sealed.length === infos.length && rowsOf(sealed) >= rows;
      if (isComplete && Date.now() - since >= QUIET_MS) {
        return rowsOf(sealed.filter((segment) => segment.index_name !== '')) / rows;
      }
      await sleep(POLL_MS);
    }
    throw new Error(`${name} was not sealed and indexed within ${SETTLED_WITHIN_MS / 1000} s`);
  }
}

/** Whole numbers of 64 bits come as text, whatever the SDK declares. */
const rowsOf = (segments: readonly { num_rows: number | string }[]): number =>
  segments.reduce((sum, segment) => sum + Number(segment.num_rows), 0);

const hnsw = (share: number): string =>
  share === 0 ? 'no HNSW' : `${Math.round(share * 100)} % HNSW`;
