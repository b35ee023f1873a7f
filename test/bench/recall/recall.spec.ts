import { readFileSync } from 'node:fs';
import { FlatVectorIndex } from '@soma/vector-index';
import type { IndexHit, IndexQuery, VectorIndex } from '@soma/vector-index';
import type { TenantScope } from '@soma/core';
import { parse } from 'yaml';
import { MILVUS_SETTINGS } from '../../../tools/services/milvus-config.ts';
import { parseRecallArguments } from './arguments.ts';
import { VECTOR_KINDS } from './corpus.ts';
import { ask, questionsOf } from './measure.ts';
import type { Question } from './measure.ts';
import { describeRecall, shortfalls } from './report.ts';
import type { RecallReport } from './report.ts';
import { SELECTIVITIES, tenantOf } from './tenant.ts';
import type { Tenant } from './tenant.ts';

const SIZE = 1_000;
const aTenant = (size = SIZE, seed = 1): Promise<Tenant> =>
  tenantOf('texts', { size, queries: 4, seed });
const unfiltered = (tenant: Tenant): Question => questionsOf(tenant)[0]!;

/** Exact search that loses every hit after the first so many. */
class ForgetfulIndex extends FlatVectorIndex {
  readonly #kept: number;

  constructor(kept: number) {
    super();
    this.#kept = kept;
  }

  override async search(scope: TenantScope, query: IndexQuery): Promise<IndexHit[]> {
    return (await super.search(scope, query)).slice(0, this.#kept);
  }
}

async function filled<Index extends VectorIndex>(index: Index, tenant: Tenant): Promise<Index> {
  await index.insert(tenant.scope, tenant.entries);
  return index;
}

describe('tenantOf', () => {
  it.each(VECTOR_KINDS)('draws the same %s for the same seed, others for another', async (kind) => {
    const drawn = (seed: number) => tenantOf(kind, { size: 20, queries: 2, seed });
    const first = await drawn(3);
    expect(await drawn(3)).toEqual(first);
    expect((await drawn(4)).entries[0]?.vector).not.toEqual(first.entries[0]?.vector);
    for (const { vector } of first.entries) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
  });

  it('gives no two memories of a run one id', async () => {
    const tenants = [await aTenant(), await aTenant(20)];
    const ids = tenants.flatMap(({ entries }) => entries.map(({ entryId }) => entryId));
    expect(new Set(ids).size).toBe(SIZE + 20);
  });
});

describe('questionsOf', () => {
  it('has a filter for each share of the memories, and asks nothing that none passes', async () => {
    const shares = questionsOf(await aTenant()).map(({ matching }) => matching / SIZE);
    shares.forEach((share, i) => expect(share).toBeCloseTo(SELECTIVITIES[i]!, 2));
    expect(questionsOf(await aTenant(0))).toEqual([]);
  });

  it('expects ten memories, or all that match', async () => {
    for (const { nearest, matching } of questionsOf(await aTenant())) {
      expect(nearest.map((ids) => ids.size)).toEqual(Array(4).fill(Math.min(10, matching)));
    }
  });
});

describe('ask', () => {
  it('finds all that exact search finds in exact search, under every filter', async () => {
    const tenant = await aTenant();
    const index = await filled(new FlatVectorIndex(), tenant);
    for (const question of questionsOf(tenant)) {
      expect(await ask(index, question)).toMatchObject({ recall: 1 });
    }
  });

  it('gives the share that was found', async () => {
    const tenant = await aTenant();
    const index = await filled(new ForgetfulIndex(3), tenant);
    expect((await ask(index, unfiltered(tenant))).recall).toBeCloseTo(0.3, 10);
  });

  it('finds nothing in what another tenant stored', async () => {
    const index = await filled(new FlatVectorIndex(), await aTenant(500));
    expect((await ask(index, unfiltered(await aTenant()))).recall).toBe(0);
  });
});

describe('describeRecall', () => {
  const row = {
    index: 'flat',
    vectors: 'texts',
    memories: 1_000,
    selectivity: 0.001,
    matching: 1,
    recall: 0.94,
    p50: 2,
    p95: 3,
    p99: 4,
    ratio: 1,
  } as const;
  const report: RecallReport = {
    stack: 'embedded',
    least: 0.95,
    queries: 4,
    seed: 1,
    rows: [row, { ...row, recall: 0.95 }],
    took_s: 1,
  };

  it('prints a row for each question and names how many fall short', () => {
    const text = describeRecall(report);
    expect(text).toMatch(/^\| flat +\| +texts \| +1,000 \| +0\.1 % \| +0\.940 \| +2\.0 /m);
    expect(text).toContain('1 of 2 rows find less than 0.95');
    expect(shortfalls(report)).toEqual([row]);
  });
});

describe('parseRecallArguments', () => {
  it('has the defaults of the documented command', () => {
    expect(parseRecallArguments([])).toEqual({
      stack: 'embedded',
      sizes: [1_000, 10_000, 50_000],
      vectors: ['texts', 'random'],
      queries: 50,
      seed: 1,
      least: 0.95,
      json: false,
    });
  });

  it.each([
    [['--stack', 's'], '--stack is s'],
    [['--sizes', '10,x'], '--sizes is x'],
    [['--vectors', 'x'], '--vectors is x'],
    [['--queries', '0'], '--queries is 0'],
    [['--least', '2'], '--least is 2'],
  ])('refuses %j', (args, message) => {
    expect(() => parseRecallArguments(args)).toThrow(message);
  });
});

describe('docker-compose.yml', () => {
  it('runs Milvus with the settings that recall is measured with', () => {
    const { services } = parse(readFileSync('docker-compose.yml', 'utf8')) as {
      services: { milvus: { environment: Record<string, string> } };
    };
    expect(services.milvus.environment).toMatchObject(MILVUS_SETTINGS);
  });
});
