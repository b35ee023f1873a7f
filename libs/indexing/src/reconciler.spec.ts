import { randomUUID } from 'node:crypto';
import { memoryId, SystemClock, tenantId, TenantScope } from '@soma/core';
import { HashEmbedder } from '@soma/embedding';
import { blankAttributes, FlatVectorIndex, type EntryIdPage } from '@soma/vector-index';
import fc from 'fast-check';
import { InMemoryConsistencyStore } from '../testing/in-memory-consistency-store.fixture.js';
import type { EntryState } from './consistency-store.js';
import { NoOutboxSignal } from './outbox-signal.js';
import { Reconciler } from './reconciler.js';
import { Reindexer } from './reindexer.js';

const EMBEDDER = new HashEmbedder(8);
const { model } = EMBEDDER;
const aScope = (): TenantScope => TenantScope.of(tenantId(randomUUID()));

const entryOf = (entryId: string) => ({
  entryId,
  memoryId: memoryId(entryId),
  namespace: 'default',
  model,
  vector: Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0),
  attributes: blankAttributes('episodic'),
});

class Stage {
  readonly store = new InMemoryConsistencyStore(model);
  readonly reconciler: Reconciler;

  constructor(readonly index = new FlatVectorIndex()) {
    const [signal, clock] = [new NoOutboxSignal(), new SystemClock()];
    this.reconciler = new Reconciler(this.store, index, EMBEDDER, signal, clock);
  }

  put(scope: TenantScope, ids: readonly string[]): Promise<void> {
    return this.index.insert(scope, ids.map(entryOf));
  }

  indexed(scope: TenantScope): Promise<string[]> {
    return this.index.entryIds(scope, { model, limit: 10_000 });
  }
}

const anEntry = fc.record({
  entryId: fc.uuid(),
  state: fc.option(fc.constantFrom<EntryState>('settled', 'waiting', 'unqueued')),
  isIndexed: fc.boolean(),
  isQueued: fc.boolean(),
});
const someEntries = fc.uniqueArray(anEntry, { selector: ({ entryId }) => entryId, maxLength: 60 });

describe(Reconciler.name, () => {
  it('leaves the index with all that is stored and nothing else, and says what it did', async () => {
    await fc.assert(
      fc.asyncProperty(someEntries, someEntries, async (mine, theirs) => {
        const stage = new Stage();
        const [owner, stranger] = [aScope(), aScope()];
        for (const [scope, entries] of [
          [owner, mine],
          [stranger, theirs],
        ] as const) {
          const { stored, outbox } = stage.store.of(scope);
          for (const { entryId, state, isQueued } of entries) {
            if (state) stored.set(entryId, state);
            if (state === 'waiting' || (!state && isQueued)) outbox.add(entryId);
          }
          const indexed = entries.filter(({ isIndexed }) => isIndexed);
          await stage.put(
            scope,
            indexed.map(({ entryId }) => entryId),
          );
        }
        const foreign = await stage.indexed(stranger);
        const { outbox } = stage.store.of(owner);
        const isMissing = ({ state, isIndexed }: (typeof mine)[number]) =>
          state === 'unqueued' || (state === 'settled' && !isIndexed);
        const missing = mine.filter(isMissing).map(({ entryId }) => entryId);
        const orphans = mine
          .filter(({ entryId, state, isIndexed }) => !state && isIndexed && !outbox.has(entryId))
          .map(({ entryId }) => entryId);
        const expected = {
          tenant_id: owner.tenantId,
          expected: mine.filter(({ state }) => state && state !== 'waiting').length,
          waiting: mine.filter(({ state }) => state === 'waiting').length,
          indexed: mine.filter(({ isIndexed }) => isIndexed).length,
          missing: missing.length,
          orphans: orphans.length,
        };
        const queuedBefore = [...outbox];
        const looked = await stage.reconciler.reconcile({ tenant: owner, dryRun: true });
        expect(looked.tenants).toEqual([{ ...expected, repaired: 0 }]);
        expect([...outbox]).toEqual(queuedBefore);

        const before = await stage.indexed(owner);
        const { tenants } = await stage.reconciler.reconcile({ tenant: owner });
        expect(tenants).toEqual([{ ...expected, repaired: missing.length + orphans.length }]);
        expect(await stage.indexed(owner)).toEqual(before.filter((id) => !orphans.includes(id)));
        expect(new Set(outbox)).toEqual(new Set([...queuedBefore, ...missing]));
        const again = await stage.reconciler.reconcile({ tenant: owner });
        expect(again.tenants).toMatchObject([{ missing: 0, orphans: 0, repaired: 0 }]);

        expect(await stage.indexed(stranger)).toEqual(foreign);
        for (const entry of theirs) {
          if (entry.state) {
            expect(stage.store.of(stranger).stored.get(entry.entryId)).toBe(entry.state);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it('never removes an entry that is written while it reads', async () => {
    class WrittenTo extends FlatVectorIndex {
      onRead: () => Promise<void> = async () => {};
      override async entryIds(scope: TenantScope, page: EntryIdPage): Promise<string[]> {
        const ids = await super.entryIds(scope, page);
        await this.onRead();
        return [...ids, ...(await super.entryIds(scope, page)).filter((id) => !ids.includes(id))];
      }
    }
    const index = new WrittenTo();
    const stage = new Stage(index);
    const owner = aScope();
    const written = randomUUID();
    // Postgres' page was read before: to the comparison the entry is in the index alone.
    stage.store.entries = async () => {
      stage.store.of(owner).stored.set(written, 'settled');
      return [];
    };
    index.onRead = () => stage.put(owner, [written]);
    const { tenants } = await stage.reconciler.reconcile({ tenant: owner });
    expect(tenants).toMatchObject([{ indexed: 1, orphans: 0, repaired: 0 }]);
    expect(await stage.indexed(owner)).toEqual([written]);
  });

  it('compares every tenant when none is named, past a page of ids', async () => {
    const stage = new Stage();
    const [owner, stranger] = [aScope(), aScope()];
    const ids = Array.from({ length: 5_100 }, () => randomUUID());
    for (const id of ids) stage.store.of(owner).stored.set(id, 'settled');
    await stage.put(owner, ids.slice(1));
    await stage.put(stranger, [ids[0] ?? '']);
    stage.store.of(stranger);
    const { tenants } = await stage.reconciler.reconcile();
    expect(tenants).toHaveLength(2);
    expect(tenants).toContainEqual({
      tenant_id: owner.tenantId,
      expected: 5_100,
      waiting: 0,
      indexed: 5_099,
      missing: 1,
      orphans: 0,
      repaired: 1,
    });
    expect(tenants).toContainEqual(
      expect.objectContaining({ tenant_id: stranger.tenantId, indexed: 1, orphans: 1 }),
    );
    expect([...stage.store.of(owner).outbox]).toEqual([ids[0]]);
    expect(await stage.indexed(stranger)).toEqual([]);
  });

  it('stops when told to, and repairs nothing more', async () => {
    const stage = new Stage();
    const owner = aScope();
    stage.store.of(owner);
    await stage.put(owner, [randomUUID()]);
    const signal = AbortSignal.abort();
    await expect(stage.reconciler.reconcile({ signal })).rejects.toThrow(/abort/i);
    expect(await stage.indexed(owner)).toHaveLength(1);
  });
});

describe(Reindexer.name, () => {
  it("queues all that a tenant has stored, once, and nothing of another's", async () => {
    const { store } = new Stage();
    const [owner, stranger] = [aScope(), aScope()];
    const ids = Array.from({ length: 2_300 }, () => randomUUID());
    for (const id of ids) store.of(owner).stored.set(id, 'settled');
    store.of(stranger).stored.set('foreign', 'settled');
    const sut = new Reindexer(store, new NoOutboxSignal());
    expect(await sut.reindex(owner)).toEqual({ tenants: 1, queued: 2_300 });
    expect(store.of(owner).outbox).toEqual(new Set(ids));
    expect(store.of(stranger).outbox).toEqual(new Set());
    expect(await sut.reindex()).toEqual({ tenants: 2, queued: 1 });
  });
});
