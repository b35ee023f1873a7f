import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConsistencyLevelEnum, DataType, MilvusClient } from '@zilliz/milvus2-sdk-node';
import { MilvusVectorIndex } from '@soma/vector-index';
import { vectorIndexContract } from '../contract/vector-index.contract.js';
import { aScope, aVector, anEntry } from '../contract/vector-index.corpus.js';

const addressFrom = (variable: string): string => {
  const address = process.env[variable];
  if (!address) {
    throw new Error(
      `${variable} is not set. Run this through the servers of tools/services: npm run test:integration.`,
    );
  }
  return address;
};

const SERVERS = [
  {
    server: 'Milvus 2.3.5',
    variable: 'SOMA_MILVUS_ADDRESS',
    version: /^v2\.3\./,
    filters: 'exact',
    filterRuns: 300,
  },
  {
    server: 'Milvus Lite',
    variable: 'SOMA_MILVUS_LITE_ADDRESS',
    version: /^milvus_lite/,
    filters: 'at least',
    filterRuns: 150,
  },
] as const;

describe.each(SERVERS)(
  `${MilvusVectorIndex.name} on $server`,
  ({ variable, version, filters, filterRuns }) => {
    const prefix = `test_${randomBytes(6).toString('hex')}`;

    const open = async (): Promise<MilvusVectorIndex> =>
      new MilvusVectorIndex({
        address: addressFrom(variable),
        collectionPrefix: prefix,
        partitions: 4,
        // A test machine does much else beside; the deadline has a test of its own.
        searchTimeoutMs: 20_000,
        writeTimeoutMs: 60_000,
        visibilityLagMs: 2_500,
      });

    const directly = async <Answer>(
      ask: (client: MilvusClient) => Promise<Answer>,
    ): Promise<Answer> => {
      const client = new MilvusClient({ address: addressFrom(variable), logLevel: 'error' });
      try {
        return await ask(client);
      } finally {
        await client.closeConnection();
      }
    };

    const collectionsOf = async (model = ''): Promise<string[]> => {
      const { data } = await directly((client) => client.showCollections());
      return data.map(({ name }) => name).filter((name) => name.startsWith(`${prefix}_${model}`));
    };

    const drop = async (names: readonly string[]): Promise<void> => {
      for (const name of names) {
        await directly((client) => client.dropCollection({ collection_name: name }));
      }
    };

    afterAll(async () => drop(await collectionsOf()));

    it('is the server it is meant to be', async () => {
      const answer = await directly((client) => client.getVersion());
      expect(answer.version).toMatch(version);
    });

    it('says what differs in a collection of its name that is not its own', async () => {
      const sut = await open();
      const entry = anEntry({ model: 'foreign' });
      await sut.insert(aScope(), [entry]);
      const [name = ''] = await collectionsOf('foreign');
      await drop([name]);
      await directly((client) =>
        client.createCollection({
          collection_name: name,
          fields: [
            { name: 'id', data_type: DataType.Int64, is_primary_key: true },
            { name: 'vector', data_type: DataType.FloatVector, dim: 4 },
          ],
        }),
      );
      const fresh = await open();
      await expect(fresh.insert(aScope(), [entry])).rejects.toMatchObject({
        code: 'DEPENDENCY_UNAVAILABLE',
        message: expect.stringMatching(/entry_key is missing.*4 dimensions, not 16.*Drop it/),
      });
      await drop([name]);
      await Promise.all([sut.close(), fresh.close()]);
    });

    it('finds its way again when a collection is dropped behind its back', async () => {
      const sut = await open();
      const scope = aScope();
      const entry = anEntry({ model: 'dropped' });
      const query = { ...entry, topK: 1 };
      await sut.insert(scope, [entry]);
      await drop(await collectionsOf('dropped'));
      await expect(sut.search(scope, query)).rejects.toMatchObject({
        code: 'DEPENDENCY_UNAVAILABLE',
      });
      expect(await sut.search(scope, query)).toEqual([]);
      expect(await sut.count(scope, query)).toBe(0);
      await sut.insert(scope, [entry]);
      await sleep(sut.visibilityLagMs);
      expect(await sut.count(scope, query)).toBe(1);
      expect(await sut.search(scope, query)).toMatchObject([{ entryId: entry.entryId }]);
      expect(await sut.search(aScope(), query)).toEqual([]);
      await sut.close();
    });

    it('does not take a collection without its canary for an empty one', async () => {
      const sut = await open();
      const query = { ...anEntry({ model: 'canary-lost' }), topK: 1 };
      await sut.insert(aScope(), [query]);
      expect(await sut.search(aScope(), query)).toEqual([]);
      const [name = ''] = await collectionsOf('canary_lost');
      await directly((client) =>
        client.delete({ collection_name: name, filter: 'namespace == "canary"' }),
      );
      await sleep(sut.visibilityLagMs);
      // A busy server may be later still.
      const { Strong } = ConsistencyLevelEnum;
      const asked = { collection_name: name, filter: 'namespace == "canary"' };
      const { data } = await directly((client) =>
        client.query({ ...asked, output_fields: ['entry_key'], consistency_level: Strong }),
      );
      expect(data).toEqual([]);
      const lost = { code: 'DEPENDENCY_UNAVAILABLE', message: expect.stringContaining('canary') };
      await expect(sut.search(aScope(), query)).rejects.toMatchObject(lost);
      await expect(sut.check()).rejects.toMatchObject(lost);
      await drop([name]);
      await sut.close();
    });

    it('lets several processes make a collection at the same time', async () => {
      const scope = aScope();
      const entries = Array.from({ length: 4 }, (_, seed) =>
        anEntry({ model: 'raced', vector: aVector(seed) }),
      );
      const processes = await Promise.all(entries.map(open));
      await Promise.all(processes.map((sut, index) => sut.insert(scope, [entries[index]!])));
      for (const sut of processes) {
        expect(await sut.count(scope, { namespace: 'default', model: 'raced' })).toBe(4);
        await sut.check();
        await sut.close();
      }
      expect(await collectionsOf('raced')).toHaveLength(1);
    });

    vectorIndexContract({ open, filters, filterRuns });
  },
);
