import { Logger } from '@nestjs/common';
import { SomaError, tenantId, TenantScope } from '@soma/core';
import { NO_TRACING } from '@soma/tracing';
import { FlatVectorIndex, GuardedVectorIndex, type IndexEntry } from '@soma/vector-index';
import { Indexer } from './indexer.js';
import { InMemoryOutbox } from './outbox.fixture.js';

const [OURS, THEIRS] = ['1', '2'].map((digit) =>
  TenantScope.of(tenantId(`018f0000-0000-7000-8000-00000000000${digit}`)),
) as [TenantScope, TenantScope];

/** Fails on whatever has the entry `poison`, or on everything while away. */
class TouchyIndex extends FlatVectorIndex {
  isAway = false;
  inserts = 0;

  override async insert(_scope: TenantScope, entries: readonly IndexEntry[]): Promise<void> {
    this.inserts += 1;
    await this.check();
    if (entries.some(({ entryId }) => entryId === 'poison')) throw new Error('indigestible');
  }

  override async check(): Promise<void> {
    if (this.isAway) throw new SomaError('DEPENDENCY_UNAVAILABLE', 'away');
  }
}

describe(Indexer.name, () => {
  let outbox: InMemoryOutbox;
  let index: TouchyIndex;
  let sut: Indexer;
  const good = Array.from({ length: 600 }, (_, number) => `good-${number}`);

  const drain = async (times: number): Promise<void> => {
    for (let time = 0; time < times; time++) {
      await sut.drainBatch();
      outbox.toNext();
    }
  };

  beforeAll(() => Logger.overrideLogger(false));
  beforeEach(() => {
    outbox = new InMemoryOutbox();
    index = new TouchyIndex();
    sut = new Indexer(outbox, index, NO_TRACING);
  });

  it('indexes batch after batch until nothing waits', async () => {
    good.forEach((entryId) => outbox.add(OURS, entryId));
    expect(await sut.drainBatch()).toEqual({ claimed: 500, failed: 0 });
    expect(await sut.drainBatch()).toEqual({ claimed: 100, failed: 0 });
    expect(outbox.indexed.toSorted()).toEqual(good.toSorted());
  });

  it('lets every other task pass a poisonous one within a few seconds', async () => {
    outbox.add(OURS, 'poison');
    good.forEach((entryId) => outbox.add(OURS, entryId));
    while (outbox.indexed.length < good.length && outbox.now < 60_000) await drain(1);
    expect(outbox.indexed.toSorted()).toEqual(good.toSorted());
    expect(outbox.now).toBeLessThan(5_000);
  });

  it("does not touch another tenant's tasks for it", async () => {
    outbox.add(OURS, 'poison');
    outbox.add(THEIRS, 'theirs');
    expect(await sut.drainBatch()).toMatchObject({ claimed: 2, failed: 1 });
    expect(outbox.indexed).toEqual(['theirs']);
  });

  it('parks a task after ten tries, each later than the last, up to half a minute', async () => {
    outbox.add(OURS, 'poison');
    const pauses: number[] = [];
    for (let time = 0; time < 9; time++) {
      const before = outbox.now;
      await drain(1);
      pauses.push(outbox.now - before);
      expect(await outbox.backlog()).toMatchObject({ tasks: 1, parked: 0 });
    }
    expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    await sut.drainBatch();
    expect(await outbox.backlog()).toMatchObject({ tasks: 0, parked: 1 });
    expect(index.inserts).toBe(10);
  });

  it('tries what is parked once more after a quarter of an hour, and parks it again', async () => {
    outbox.add(OURS, 'poison');
    await drain(10);
    expect(outbox.now).toBeGreaterThan(15 * 60_000);
    await sut.drainBatch();
    expect(index.inserts).toBe(11);
    expect(await outbox.backlog()).toMatchObject({ tasks: 0, parked: 1 });
  });

  it('counts no try while the index is away, however long, and waits five seconds at most', async () => {
    index.isAway = true;
    good.slice(0, 20).forEach((entryId) => outbox.add(OURS, entryId));
    outbox.add(THEIRS, 'theirs');
    for (let time = 0; time < 50; time++) {
      const before = outbox.now;
      await drain(1);
      expect(outbox.now - before).toBeLessThanOrEqual(5_000);
    }
    expect(outbox.attemptsOf('good-0')).toBe(0);
    expect(outbox.attemptsOf('theirs')).toBe(0);
    index.isAway = false;
    await drain(1);
    expect(outbox.indexed).toHaveLength(21);
  });

  it('counts no try of a task that a broken circuit kept from the index', async () => {
    const guarded = new GuardedVectorIndex(index, { readTimeoutMs: 1_000, pauseMs: 60_000 });
    sut = new Indexer(outbox, guarded, NO_TRACING);
    index.isAway = true;
    outbox.add(OURS, 'good-0');
    await drain(10);
    expect(index.inserts).toBe(3);
    expect(outbox.attemptsOf('good-0')).toBe(0);
    await guarded.close();
  });
});
