import { HeapCaches, type TenantId, tenantId } from '@soma/core';
import { type DeletionNotice, DeletionStore } from './deletion-store.js';
import { DeletionWatch } from './deletion-watch.js';

const OURS = tenantId('0190aaaa-0000-7000-8000-000000000001');
const THEIRS = tenantId('0190aaaa-0000-7000-8000-000000000002');
const SECOND = 1_000;

describe(DeletionWatch, () => {
  const start = performance.now();
  let held: Set<TenantId>;
  let notices: DeletionNotice[];
  let isAway: boolean;
  let sut: DeletionWatch;

  const look = (seconds: number) => sut.look(start + seconds * SECOND);
  const notice = (at: number): DeletionNotice => ({
    tenantId: OURS,
    id: 'receipt',
    changedAt: new Date(at),
  });

  beforeEach(() => {
    [held, notices, isAway] = [new Set([OURS, THEIRS]), [], false];
    const caches = new HeapCaches();
    caches.add({
      name: 'texts',
      drop: (tenant) => void held.delete(tenant),
      dropAll: () => held.clear(),
      size: (tenant) => Number(held.has(tenant)),
    });
    const store = Object.assign(Object.create(DeletionStore.prototype) as DeletionStore, {
      recent: async () => {
        if (isAway) throw new Error('away');
        return notices;
      },
    });
    sut = new DeletionWatch(store, caches);
  });

  it("drops what a tenant deleted, once for each batch, and nothing of another's", async () => {
    notices = [notice(1)];
    await look(1);
    expect([...held]).toEqual([THEIRS]);
    held.add(OURS);
    await look(2);
    expect(held).toContain(OURS);
    notices = [notice(1), notice(2)];
    await look(3);
    expect([...held]).toEqual([THEIRS]);
  });

  it('drops it once more, for requests that had read it before', async () => {
    notices = [notice(1)];
    await look(1);
    held.add(OURS);
    await look(10);
    expect(held).toContain(OURS);
    await look(11.5);
    expect([...held]).toEqual([THEIRS]);
    held.add(OURS);
    await look(12);
    expect(held).toContain(OURS);
  });

  it('drops everything when it cannot hear for ten seconds', async () => {
    await look(1);
    isAway = true;
    await look(9);
    expect(held.size).toBe(2);
    await look(11.5);
    expect(held.size).toBe(0);
  });

  it('drops everything each hour', async () => {
    await look(3_500);
    expect(held.size).toBe(2);
    await look(3_700);
    expect(held.size).toBe(0);
  });
});
