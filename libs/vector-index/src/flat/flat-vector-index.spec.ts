import { setImmediate as nextTurn } from 'node:timers/promises';
import { memoryId, tenantId, TenantScope } from '@soma/core';
import { blankAttributes } from '../blank-attributes.js';
import { FlatIndexSource } from '../flat-source.js';
import type { IndexEntry, IndexHit, IndexPartition } from '../vector-index.js';
import { FlatVectorIndex } from './flat-vector-index.js';

const SCOPE = TenantScope.of(tenantId('11111111-1111-1111-1111-111111111111'));
const STRANGER = TenantScope.of(tenantId('22222222-2222-2222-2222-222222222222'));
const VECTOR = Float32Array.of(1, 0);

const anEntry = (entryId: string, namespace = 'default'): IndexEntry => ({
  entryId,
  memoryId: memoryId(`memory-${entryId}`),
  namespace,
  model: 'm',
  vector: VECTOR,
  attributes: blankAttributes('episodic'),
});

/** A source whose batches wait until they are let go. */
class GatedSource extends FlatIndexSource {
  loads = 0;
  private release: () => void = () => {};
  private gate = Promise.resolve();

  constructor(private readonly stored: readonly IndexEntry[]) {
    super();
  }

  hold(): () => void {
    this.gate = new Promise((resolve) => (this.release = resolve));
    return () => this.release();
  }

  async *entries(scope: TenantScope, { namespace }: IndexPartition): AsyncGenerator<IndexEntry[]> {
    this.loads += 1;
    for (const entry of this.stored) {
      if (scope === SCOPE && entry.namespace === namespace) yield [entry];
    }
    await this.gate;
  }

  async entryIds(): Promise<string[]> {
    return this.stored.map(({ entryId }) => entryId);
  }
}

const find = (sut: FlatVectorIndex, namespace = 'default', scope = SCOPE): Promise<IndexHit[]> =>
  sut.search(scope, { namespace, model: 'm', vector: VECTOR, topK: 10 });

const idsFound = async (...of: Parameters<typeof find>): Promise<string[]> =>
  (await find(...of)).map(({ entryId }) => entryId);

describe(FlatVectorIndex.name, () => {
  it('fills a partition once, however many ask for it at the same time', async () => {
    const source = new GatedSource([anEntry('a'), anEntry('b')]);
    const sut = new FlatVectorIndex(source);
    const release = source.hold();
    const searches = Array.from({ length: 5 }, () => idsFound(sut));
    release();
    expect(await Promise.all(searches)).toEqual(Array(5).fill(['a', 'b']));
    expect(await idsFound(sut)).toEqual(['a', 'b']);
    expect(source.loads).toBe(1);
    expect(await idsFound(sut, 'default', STRANGER)).toEqual([]);
  });

  it('applies what arrives during a load after it, so that nothing comes back or is lost', async () => {
    const source = new GatedSource([anEntry('a'), anEntry('b')]);
    const sut = new FlatVectorIndex(source);
    const release = source.hold();
    const search = idsFound(sut);
    await nextTurn();
    await sut.insert(SCOPE, [anEntry('b'), anEntry('c')]);
    await sut.remove(SCOPE, 'm', ['a']);
    await sut.remove(STRANGER, 'm', ['b']);
    release();
    expect(await search).toEqual(['b', 'c']);
  });

  it('leaves inserts into a partition nobody asked for to the source', async () => {
    const source = new GatedSource([]);
    const sut = new FlatVectorIndex(source);
    await sut.insert(SCOPE, [anEntry('a')]);
    expect(source.loads).toBe(0);
    expect(await idsFound(sut)).toEqual([]);
  });

  it('breaks ties by entry id, whatever the order of insertion', async () => {
    const sut = new FlatVectorIndex();
    await sut.insert(
      SCOPE,
      ['c', 'a', 'b'].map((id) => anEntry(id)),
    );
    expect(await idsFound(sut)).toEqual(['a', 'b', 'c']);
  });

  it('drops the least recently used partition beyond its budget, and fills it again', async () => {
    const namespaces = ['one', 'two', 'three'];
    const source = new GatedSource(namespaces.map((name) => anEntry(name, name)));
    const probe = new FlatVectorIndex(source);
    expect(await idsFound(probe, 'one')).toEqual(['one']);
    const roomForTwo = 2 * (64 * 2 * 4 + 512 + 2 * JSON.stringify(anEntry('x').attributes).length);

    source.loads = 0;
    const sut = new FlatVectorIndex(source, { budgetBytes: roomForTwo });
    for (const namespace of ['one', 'two', 'one', 'three', 'one']) {
      expect(await idsFound(sut, namespace)).toEqual([namespace]);
    }
    expect(source.loads).toBe(3);
    expect(await idsFound(sut, 'two')).toEqual(['two']);
    expect(source.loads).toBe(4);
  });

  it('serves a partition larger than its whole budget', async () => {
    const sut = new FlatVectorIndex(new GatedSource([anEntry('a')]), { budgetBytes: 1 });
    expect(await idsFound(sut)).toEqual(['a']);
    expect(await idsFound(sut)).toEqual(['a']);
  });

  it('keeps everything where there is no source to fill it from again', async () => {
    const sut = new FlatVectorIndex(undefined, { budgetBytes: 1 });
    await sut.insert(SCOPE, [anEntry('a', 'one'), anEntry('b', 'two')]);
    expect([await idsFound(sut, 'one'), await idsFound(sut, 'two')]).toEqual([['a'], ['b']]);
  });

  it('tries again after a load that failed', async () => {
    let attempts = 0;
    class FailingOnce extends FlatIndexSource {
      async *entries(): AsyncGenerator<IndexEntry[]> {
        attempts += 1;
        if (attempts === 1) throw new Error('the database is away');
        yield [anEntry('a')];
      }

      async entryIds(): Promise<string[]> {
        return [];
      }
    }
    const sut = new FlatVectorIndex(new FailingOnce());
    const both = await Promise.allSettled([find(sut), find(sut)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await idsFound(sut)).toEqual(['a']);
  });

  it('refuses a vector of another length than those it has', async () => {
    const sut = new FlatVectorIndex();
    await sut.insert(SCOPE, [anEntry('a')]);
    expect(await idsFound(sut)).toEqual(['a']);
    const longer = { ...anEntry('b'), vector: Float32Array.of(1, 0, 0) };
    await expect(sut.insert(SCOPE, [longer])).rejects.toThrow(RangeError);
    expect(await idsFound(sut)).toEqual(['a']);
  });
});
