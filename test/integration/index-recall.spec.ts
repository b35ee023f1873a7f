import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { TenantScope, tenantId } from '@soma/core';
import { MilvusVectorIndex } from '@soma/vector-index';
import { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { VECTOR_KINDS } from '../bench/recall/corpus.js';
import { ask, questionsOf } from '../bench/recall/measure.js';
import { NAMESPACE, tenantOf } from '../bench/recall/tenant.js';

const address = process.env['SOMA_MILVUS_ADDRESS'];
if (!address) {
  throw new Error(
    'SOMA_MILVUS_ADDRESS is not set. Run this through the servers of tools/services: npm run test:integration.',
  );
}

const SIZE = 6_000;
const BATCH = 1_000;
const LEAST_RECALL = 0.95;
const STRANGER = TenantScope.of(tenantId('0190ffff-0000-7000-8000-00000000000f'));

/** The short form of `npm run bench:recall -- --stack production`. */
describe('approximate search on Milvus', () => {
  const collectionPrefix = `test_${randomBytes(6).toString('hex')}`;
  const sut = new MilvusVectorIndex({
    address,
    collectionPrefix,
    partitions: 1,
    // A test machine does much else beside.
    searchTimeoutMs: 20_000,
    writeTimeoutMs: 60_000,
    visibilityLagMs: 2_500,
  });

  afterAll(async () => {
    await sut.close();
    const client = new MilvusClient({ address, logLevel: 'error' });
    const { data } = await client.showCollections();
    for (const { name } of data.filter(({ name }) => name.startsWith(collectionPrefix))) {
      await client.dropCollection({ collection_name: name });
    }
    await client.closeConnection();
  });

  it.each(VECTOR_KINDS)(
    'finds at least 0.95 of what exact search finds, under every filter: %s',
    async (kind) => {
      const tenant = await tenantOf(kind, { size: SIZE, queries: 20, seed: 1 });
      for (let start = 0; start < SIZE; start += BATCH) {
        await sut.insert(tenant.scope, tenant.entries.slice(start, start + BATCH));
      }
      await sleep(sut.visibilityLagMs);
      const { model } = tenant.entries[0]!;
      // A busy server may be later still: a count, which sees everything, waits until it has caught up.
      expect(await sut.count(tenant.scope, { model })).toBe(SIZE);

      const questions = questionsOf(tenant);
      expect(questions.map(({ matching }) => matching)).toEqual([SIZE, 600, 60, 7]);
      for (const question of questions) {
        const { recall } = await ask(sut, question);
        expect(recall).toBeGreaterThanOrEqual(LEAST_RECALL);
        expect(recall).toBeLessThanOrEqual(1);
      }
      const [query] = tenant.queries;
      const foreign = { namespace: NAMESPACE, model, vector: query!, topK: 10 };
      expect(await sut.search(STRANGER, foreign)).toEqual([]);
    },
  );
});
