import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { filterPredicate, parseFilter } from '@soma/filter';
import { migratePostgres } from '@soma/persistence';
import { type IndexEntry, MilvusVectorIndex } from '@soma/vector-index';
import { differentialFilters, differentialMemories } from '../contract/filter.corpus.js';
import { filterSqlContract } from '../contract/filter-sql.contract.js';
import { anEntry, aScope, aVector } from '../contract/vector-index.corpus.js';
import { createOwnDatabase, openOwnDatabase, type OwnDatabase } from './own-database.js';

const address = process.env['SOMA_MILVUS_ADDRESS'];
if (!address) throw new Error('SOMA_MILVUS_ADDRESS is not set: run `npm run test:integration`.');

const FILTERS = 10_000;
const AT_ONCE = 8;
const RUN_TIMEOUT_MS = 20 * 60_000;

describe('filters in PostgreSQL', () => {
  let own: OwnDatabase;

  beforeAll(async () => {
    own = await createOwnDatabase();
    await migratePostgres(own.ownerUrl, own.serviceUrl);
  });
  afterAll(() => own.drop());

  describe('against the reference', () => {
    filterSqlContract({
      kind: 'postgresql',
      open: () => openOwnDatabase(own),
      filters: FILTERS,
    });
  });
});

describe('filters in Milvus', () => {
  const prefix = `test_${randomBytes(6).toString('hex')}`;
  const scope = aScope();
  const corpus = differentialMemories().map((memory, seed) =>
    anEntry({ vector: aVector(seed), attributes: memory }),
  );
  const namespace = 'default';
  const filters = differentialFilters(FILTERS);
  let sut: MilvusVectorIndex;

  beforeAll(async () => {
    sut = new MilvusVectorIndex({
      address,
      collectionPrefix: prefix,
      partitions: 4,
      searchTimeoutMs: 20_000,
      writeTimeoutMs: 60_000,
      visibilityLagMs: 2_500,
    });
    await sut.insert(scope, corpus);
    const foreign = corpus.map((entry) => ({ ...entry, entryId: anEntry().entryId }));
    await sut.insert(aScope(), foreign);
    await sleep(sut.visibilityLagMs);
    // A busy server may be later still: a count, which sees everything, waits until it has caught up.
    await sut.count(scope, { model: 'contract' });
  }, 300_000);

  afterAll(async () => {
    await sut.close();
    const client = new MilvusClient({ address, logLevel: 'error' });
    const { data } = await client.showCollections();
    for (const { name } of data) {
      if (name.startsWith(prefix)) await client.dropCollection({ collection_name: name });
    }
    await client.closeConnection();
  });

  /** What passes there and should not, and what should and does not. */
  const difference = async (json: object): Promise<{ extra: IndexEntry[]; kept: IndexEntry[] }> => {
    const filter = parseFilter(json);
    const matches = filterPredicate(filter);
    const hits = await sut.search(scope, {
      namespace,
      model: 'contract',
      vector: aVector(0),
      topK: 1_000,
      filter,
    });
    const found = new Set(hits.map(({ entryId }) => entryId));
    const wrong = corpus.filter((entry) => matches(entry.attributes) !== found.has(entry.entryId));
    const kept = wrong.filter(({ entryId }) => !found.has(entryId));
    const strange = hits.filter(({ entryId }) => !corpus.some((own) => own.entryId === entryId));
    expect(strange).toEqual([]);
    return { extra: wrong.filter((entry) => !kept.includes(entry)), kept };
  };

  const forEachFilter = async (
    generated: readonly object[],
    check: (json: object) => Promise<void>,
  ): Promise<void> => {
    const queue = generated.values();
    const run = async (): Promise<void> => {
      for (const json of queue) await check(json);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, run));
  };

  it(
    `P5 are exact, for ${FILTERS / 2} different filters of what it can express`,
    async () => {
      const differences: object[] = [];
      await forEachFilter(filters.plain, async (json) => {
        const { extra, kept } = await difference(json);
        if (extra.length + kept.length > 0) {
          differences.push({ json, extra: extra[0]?.attributes, kept: kept[0]?.attributes });
        }
      });
      expect(differences.slice(0, 5)).toEqual([]);
    },
    RUN_TIMEOUT_MS,
  );

  it(
    `P5 keep no matching memory out, for ${FILTERS / 2} different filters of any kind`,
    async () => {
      const differences: object[] = [];
      let alike = 0;
      await forEachFilter(filters.any, async (json) => {
        const { extra, kept } = await difference(json);
        if (kept.length > 0) differences.push({ json, kept: kept[0]?.attributes });
        if (extra.length === 0) alike += 1;
      });
      expect(differences.slice(0, 5)).toEqual([]);
      // What lets everything pass would keep nothing out either.
      expect(alike).toBeGreaterThan(filters.any.length / 2);
    },
    RUN_TIMEOUT_MS,
  );
});
