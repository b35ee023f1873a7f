import { setTimeout as sleep } from 'node:timers/promises';
import { SomaError, tenantId, TenantScope } from '@soma/core';
import { MilvusRefusal, refused } from '../milvus/milvus-failure.js';
import { VectorIndex, type IndexHit } from '../vector-index.js';
import { GuardedVectorIndex } from './guarded-vector-index.js';
import { isIndexOutage, isIndexPaused, outage } from './index-outage.js';

// Claims about time: the machine may stall, so each may be shown in one of three tries, and every failure is printed.
import.meta.jest.retryTimes(2, { logErrorsBeforeRetry: true });

const SCOPE = TenantScope.of(tenantId('018f0000-0000-7000-8000-000000000001'));
const QUERY = { namespace: 'default', model: 'm', vector: new Float32Array([1]), topK: 1 };
const READ_MS = 60;
const PAUSE_MS = 40;

type Condition = 'well' | 'silent' | 'failing' | 'refusing';

/** Behaves as told, and counts what it is asked. */
class SickIndex extends VectorIndex {
  readonly visibilityLagMs = 7;
  condition: Condition = 'well';
  searches = 0;
  checks = 0;
  writes = 0;

  async insert(): Promise<void> {
    this.writes += 1;
    await this.behave();
  }
  async remove(): Promise<void> {
    this.writes += 1;
    await this.behave();
  }
  async search(): Promise<IndexHit[]> {
    this.searches += 1;
    await this.behave();
    return [];
  }
  async count(): Promise<number> {
    await this.behave();
    return 0;
  }
  async entryIds(): Promise<string[]> {
    await this.behave();
    return [];
  }
  async drop(): Promise<void> {
    await this.behave();
  }
  async held(): Promise<string[]> {
    await this.behave();
    return [];
  }
  async clear(): Promise<number> {
    await this.behave();
    return 0;
  }
  async check(): Promise<void> {
    this.checks += 1;
    await this.behave();
  }
  async close(): Promise<void> {}

  private behave(): Promise<void> {
    const { condition } = this;
    if (condition === 'silent') return new Promise(() => {});
    if (condition === 'failing') return Promise.reject(outage('gone'));
    if (condition === 'refusing') {
      return Promise.reject(refused(new MilvusRefusal('search', 1, 'not this one')));
    }
    return Promise.resolve();
  }
}

/** How a call failed, and after how many ms. */
async function failureOf(call: Promise<unknown>): Promise<{ error: unknown; ms: number }> {
  const started = performance.now();
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { error, ms: performance.now() - started };
}

describe(GuardedVectorIndex.name, () => {
  let index: SickIndex;
  let changes: string[];
  let sut: GuardedVectorIndex;

  const search = () => failureOf(sut.search(SCOPE, QUERY));
  const untilClosed = async (): Promise<void> => {
    for (let tries = 0; tries < 200 && !changes.includes('index-reads closed'); tries++) {
      await sleep(10);
    }
  };

  beforeEach(() => {
    index = new SickIndex();
    changes = [];
    sut = new GuardedVectorIndex(index, {
      readTimeoutMs: READ_MS,
      writeTimeoutMs: READ_MS,
      pauseMs: PAUSE_MS,
      onBreaker: (breaker, isOpen) => changes.push(`${breaker} ${isOpen ? 'open' : 'closed'}`),
    });
  });
  afterEach(() => sut.close());

  it('answers as the index does while that is well', async () => {
    expect(await sut.search(SCOPE, QUERY)).toEqual([]);
    expect(await sut.count(SCOPE, QUERY)).toBe(0);
    expect(sut.visibilityLagMs).toBe(7);
    expect(changes).toEqual([]);
  });

  it('waits once for an index that does not answer, and then not at all', async () => {
    index.condition = 'silent';
    const first = await search();
    expect(isIndexOutage(first.error)).toBe(true);
    expect(isIndexPaused(first.error)).toBe(false);
    expect(first.ms).toBeGreaterThan(READ_MS * 0.8);
    for (let number = 0; number < 20; number++) {
      const next = await search();
      expect(isIndexOutage(next.error)).toBe(true);
      expect(isIndexPaused(next.error)).toBe(true);
      expect(next.ms).toBeLessThan(READ_MS / 2);
    }
    expect(index.searches).toBe(1);
    expect(changes).toEqual(['index-reads open']);
  });

  it('never makes a search wait for the try that follows a pause', async () => {
    index.condition = 'silent';
    await search();
    const until = performance.now() + 4 * (READ_MS + PAUSE_MS);
    while (performance.now() < until) {
      expect((await search()).ms).toBeLessThan(READ_MS / 2);
      await sleep(5);
    }
    expect(index.searches).toBe(1);
    expect(index.checks).toBeGreaterThan(1);
  });

  it('asks again once a check in the background has found the index well', async () => {
    index.condition = 'failing';
    await search();
    index.condition = 'well';
    await untilClosed();
    expect(await sut.search(SCOPE, QUERY)).toEqual([]);
    expect(index.searches).toBe(2);
  });

  it('keeps asking an index that refuses one query: the next may be another', async () => {
    index.condition = 'refusing';
    for (let number = 0; number < 5; number++) {
      const { error } = await search();
      expect(error).toBeInstanceOf(SomaError);
      expect(isIndexOutage(error)).toBe(false);
    }
    expect(index.searches).toBe(5);
    expect(changes).toEqual([]);
  });

  it('goes on searching while writes fail', async () => {
    index.condition = 'silent';
    for (let number = 0; number < 3; number++) await failureOf(sut.insert(SCOPE, []));
    expect((await failureOf(sut.remove(SCOPE, 'm', []))).ms).toBeLessThan(READ_MS / 2);
    expect(index.writes).toBe(3);
    index.condition = 'well';
    expect(await sut.search(SCOPE, QUERY)).toEqual([]);
    expect(changes).toEqual(['index-writes open']);
  });

  it('writes again after the pause', async () => {
    index.condition = 'failing';
    for (let number = 0; number < 3; number++) await failureOf(sut.insert(SCOPE, []));
    index.condition = 'well';
    await sleep(PAUSE_MS * 1.5);
    await sut.insert(SCOPE, []);
    expect(changes).toEqual(['index-writes open', 'index-writes closed']);
  });

  it('says that it is sick as long as searches are not answered', async () => {
    index.condition = 'failing';
    await search();
    expect(isIndexOutage((await failureOf(sut.check())).error)).toBe(true);
    index.condition = 'well';
    await untilClosed();
    await sut.check();
  });
});
