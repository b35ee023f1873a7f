import { setTimeout as sleep } from 'node:timers/promises';
import { memoryId, SomaError, tenantId, TenantScope } from '@soma/core';
import { FlatVectorIndex, type IndexHit } from '@soma/vector-index';
import { NearestEntries } from './nearest-entries.js';
import type { FreshEntry, FreshQuery, FreshTail } from './search-repository.js';
import { Stopwatch } from './stopwatch.js';

// Claims about time: the machine may stall, so each may be shown in one of three tries, and every failure is printed.
import.meta.jest.retryTimes(2, { logErrorsBeforeRetry: true });

const [OURS, THEIRS] = ['1', '2'].map((digit) =>
  TenantScope.of(tenantId(`018f0000-0000-7000-8000-00000000000${digit}`)),
) as [TenantScope, TenantScope];
const QUERY = { namespace: 'default', model: 'm', vector: new Float32Array([1, 0]), topK: 2 };

const entryAt = (angle: number): FreshEntry => ({
  entryId: `at-${angle}`,
  memoryId: memoryId(`at-${angle}`),
  vector: new Float32Array([Math.cos(angle), Math.sin(angle)]),
});

/** Has entries of one tenant, and reads them as slowly as told. */
class KeptEntries {
  readMs = 0;
  asked: FreshQuery[] = [];
  under = 0;
  mostAtOnce = 0;

  constructor(private readonly entries: readonly FreshEntry[]) {}

  async fresh(scope: TenantScope, query: FreshQuery): Promise<FreshTail> {
    this.asked.push(query);
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.under);
    await sleep(this.readMs);
    this.under -= 1;
    const own = scope.tenantId === OURS.tenantId ? this.entries : [];
    const cut = own.length > query.freshLimit;
    return { entries: own.slice(0, query.freshLimit), cut, activeModel: query.model };
  }
}

class AbsentIndex extends FlatVectorIndex {
  override search(): Promise<IndexHit[]> {
    return Promise.reject(new SomaError('DEPENDENCY_UNAVAILABLE', 'away'));
  }
}

describe(NearestEntries.name, () => {
  const angles = [2, 0.1, 1, 0.5];
  const kept = () => new KeptEntries(angles.map(entryAt));
  const find = (sut: NearestEntries, scope = OURS) => sut.find(scope, QUERY, new Stopwatch());
  const idsOf = (hits: readonly IndexHit[]) => hits.map(({ entryId }) => entryId);

  it('asks the index, and reads nothing else while that answers', async () => {
    const repository = kept();
    const found = await find(new NearestEntries(new FlatVectorIndex(), repository));
    expect(found).toEqual({ hits: [], coverage: 'indexed' });
    expect(repository.asked).toEqual([]);
  });

  it('compares every entry exactly while the index is away', async () => {
    const repository = kept();
    const found = await find(new NearestEntries(new AbsentIndex(), repository));
    expect(found.coverage).toBe('scanned');
    expect(idsOf(found.hits)).toEqual(['at-0.1', 'at-0.5']);
    expect(found.hits[0]?.score).toBeCloseTo(Math.cos(0.1), 6);
    expect(repository.asked[0]?.freshForMs).toBeUndefined();
  });

  it('finds nothing of another tenant while the index is away', async () => {
    const sut = new NearestEntries(new AbsentIndex(), kept());
    expect(await find(sut, THEIRS)).toEqual({ hits: [], coverage: 'scanned' });
  });

  it('says so when there is more than it compares', async () => {
    const many = Array.from({ length: 20_001 }, (_, number) => entryAt(number / 20_001));
    const found = await find(new NearestEntries(new AbsentIndex(), new KeptEntries(many)));
    expect(found.coverage).toBe('scanned-in-part');
    expect(found.hits).toHaveLength(2);
  });

  it('answers without vectors when they are not read in time', async () => {
    const repository = kept();
    repository.readMs = 2_000;
    const started = performance.now();
    const found = await find(new NearestEntries(new AbsentIndex(), repository));
    expect(found).toEqual({ hits: [], coverage: 'scanned-in-part' });
    expect(performance.now() - started).toBeLessThan(1_900);
  });

  it('reads for two searches at once only, and lets none wait beyond its time', async () => {
    const repository = kept();
    repository.readMs = 20;
    const sut = new NearestEntries(new AbsentIndex(), repository);
    const found = await Promise.all(Array.from({ length: 60 }, () => find(sut)));
    expect(repository.mostAtOnce).toBe(2);
    expect(found.filter(({ coverage }) => coverage === 'scanned')).toHaveLength(34);
    expect(found.filter(({ coverage }) => coverage === 'scanned-in-part')).toHaveLength(26);
  });
});
