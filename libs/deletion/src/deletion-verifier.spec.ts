import { memoryId, TenantScope, tenantId } from '@soma/core';
import { DeletionStore } from './deletion-store.js';
import { DeletionVerifier } from './deletion-verifier.js';
import { type DeletedMemory, DerivedStore, type Leftovers } from './derived-store.js';

const scope = TenantScope.of(tenantId('0190aaaa-0000-7000-8000-000000000001'));
const gone: DeletedMemory = {
  memoryId: memoryId('0190aaaa-0000-7000-8000-000000000009'),
  vector: new Float32Array([1]),
  textDigests: [],
};

class OneStore extends DerivedStore {
  left: Leftovers = { thing: 0 };
  isAway = false;
  asked = 0;

  constructor(readonly name: string) {
    super();
  }

  async clear(): Promise<Leftovers> {
    this.asked += 1;
    if (this.isAway) throw new Error('away');
    return this.left;
  }

  clearTenant(): Promise<Leftovers> {
    return this.clear();
  }
}

describe(DeletionVerifier, () => {
  let tasks: number;
  let rows: Leftovers;
  let dropped: number;
  let [index, cache] = [new OneStore('index'), new OneStore('cache')];

  const verify = (attempts = 1, kind: 'memory' | 'tenant' = 'memory') => {
    const store: Pick<
      DeletionStore,
      'tasksLeft' | 'deleted' | 'rowsLeft' | 'rowsOfTenant' | 'dropTenant'
    > = {
      tasksLeft: async () => tasks,
      deleted: async (_scope, _id, _limit, after) =>
        after === undefined ? { memories: [gone], last: 'next' } : { memories: [gone] },
      rowsLeft: async () => rows,
      rowsOfTenant: async () => rows,
      dropTenant: async () => void (dropped += 1),
    };
    const sut = new DeletionVerifier(
      Object.assign(Object.create(DeletionStore.prototype) as DeletionStore, store),
      { all: [index, cache] },
      { now: () => new Date(0) },
    );
    return sut.verify({ id: 'receipt', scope, kind, status: 'pending', attempts });
  };

  beforeEach(() => {
    [tasks, rows, dropped] = [0, { memories: 0 }, 0];
    [index, cache] = [new OneStore('index'), new OneStore('cache')];
  });

  it('verifies what no store has any more, page by page', async () => {
    const { status, verification } = await verify();
    expect(status).toBe('verified');
    expect(verification).toMatchObject({
      looked_for: 2,
      searched_with: 2,
      left: { memories: 0, thing: 0 },
      unreachable: [],
    });
    expect(index.asked).toBe(2);
  });

  it('waits for the index to be told, and looks nowhere until then', async () => {
    tasks = 3;
    expect(await verify(99)).toMatchObject({
      status: 'pending',
      verification: { index_tasks: 3, looked_for: 0 },
    });
    expect(index.asked).toBe(0);
  });

  it('waits for a store that does not answer, asks it once, and says which', async () => {
    index.isAway = true;
    const { status, verification } = await verify(99);
    expect(status).toBe('pending');
    expect(verification.unreachable).toEqual(['index']);
    expect([index.asked, cache.asked]).toEqual([1, 2]);
  });

  it('looks again at what is left, and calls it residue in the end', async () => {
    cache.left = { thing: 1 };
    expect((await verify(1)).status).toBe('pending');
    const { status, verification } = await verify(8);
    expect(status).toBe('residue');
    expect(verification.left).toEqual({ memories: 0, thing: 2 });
  });

  it('finds a row that is there again', async () => {
    rows = { memories: 1 };
    expect((await verify(8)).status).toBe('residue');
  });

  it('drops a tenant only once every store is clear of it, and looks again afterwards', async () => {
    expect((await verify(1, 'tenant')).status).toBe('verified');
    expect([dropped, index.asked]).toEqual([1, 2]);
    index.isAway = true;
    expect((await verify(1, 'tenant')).status).toBe('pending');
    index.isAway = false;
    index.left = { thing: 1 };
    expect((await verify(1, 'tenant')).status).toBe('pending');
    expect(dropped).toBe(1);
  });
});
