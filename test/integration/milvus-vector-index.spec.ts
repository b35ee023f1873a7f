import { randomBytes } from 'node:crypto';
import { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { MilvusVectorIndex } from '@soma/vector-index';
import { vectorIndexContract } from '../contract/vector-index.contract.js';

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
        visibilityLagMs: 2_500,
      });

    afterAll(async () => {
      const client = new MilvusClient({ address: addressFrom(variable), logLevel: 'error' });
      const { data } = await client.showCollections();
      for (const { name } of data.filter((collection) => collection.name.startsWith(prefix))) {
        await client.dropCollection({ collection_name: name });
      }
      await client.closeConnection();
    });

    it('is the server it is meant to be', async () => {
      const client = new MilvusClient({ address: addressFrom(variable), logLevel: 'error' });
      const answer = await client.getVersion();
      await client.closeConnection();
      expect(answer.version).toMatch(version);
    });

    vectorIndexContract({ open, filters, filterRuns });
  },
);
