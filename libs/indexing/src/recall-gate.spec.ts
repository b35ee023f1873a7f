import { randomUUID } from 'node:crypto';
import { memoryId, type TenantScope } from '@soma/core';
import { unitVector } from '@soma/embedding';
import {
  blankAttributes,
  FlatVectorIndex,
  type IndexHit,
  type IndexQuery,
} from '@soma/vector-index';
import { InMemoryConsistencyStore } from '../testing/in-memory-consistency-store.fixture.js';
import { aScope, InMemoryModelVectors } from '../testing/in-memory-model-vectors.fixture.js';
import { type GateOptions, LEAST_RECALL, RecallGate } from './recall-gate.js';

const MODEL = 'next';
const DIMENSION = 16;
const VECTORS = 300;

/** Loses every so-manieth of its hits, or doubles each. */
class FlawedIndex extends FlatVectorIndex {
  losesEvery = Infinity;
  doubles = false;

  override async search(scope: TenantScope, query: IndexQuery): Promise<IndexHit[]> {
    const hits = await super.search(scope, query);
    const kept = hits.filter((_, at) => (at + 1) % this.losesEvery !== 0);
    const found = this.doubles ? kept.flatMap((hit) => [hit, { ...hit, entryId: 'old' }]) : kept;
    return found.slice(0, query.topK);
  }
}

const aVector = (): Float32Array => {
  const vector = Float32Array.from({ length: DIMENSION }, () => Math.random() - 0.5);
  return unitVector(vector) ?? aVector();
};

describe(RecallGate.name, () => {
  let index: FlawedIndex;
  let vectors: InMemoryModelVectors;
  let store: InMemoryConsistencyStore;
  let sut: RecallGate;

  const add = async (scope: TenantScope, count: number): Promise<void> => {
    store.of(scope);
    for (let number = 0; number < count; number += 1) {
      const [id, vector] = [memoryId(randomUUID()), aVector()];
      vectors.add(scope, MODEL, { memoryId: id, vector });
      await index.insert(scope, [
        {
          entryId: randomUUID(),
          memoryId: id,
          namespace: 'default',
          model: MODEL,
          vector,
          attributes: blankAttributes('episodic'),
        },
      ]);
    }
  };
  const measure = (options: Partial<GateOptions> = {}) =>
    sut.measure(MODEL, { keep: () => Promise.resolve(), ...options });

  beforeEach(() => {
    [index, vectors] = [new FlawedIndex(), new InMemoryModelVectors()];
    store = new InMemoryConsistencyStore(MODEL);
    sut = new RecallGate(store, vectors, index);
  });

  it('finds nothing to blame in an exact index, whoever has how much in it', async () => {
    await add(aScope(), VECTORS);
    await add(aScope(), 3);
    const { recall, queries } = await measure();
    expect(recall).toBe(1);
    expect(queries).toBeGreaterThan(50);
  });

  it('sees an index that loses one of ten', async () => {
    await add(aScope(), VECTORS);
    index.losesEvery = 10;
    expect((await measure()).recall).toBeCloseTo(0.9, 1);
    expect((await measure()).recall).toBeLessThan(LEAST_RECALL);
  });

  it('sees an index that lacks a whole tenant', async () => {
    await add(aScope(), VECTORS);
    const scope = aScope();
    store.of(scope);
    for (let number = 0; number < VECTORS; number += 1) {
      vectors.add(scope, MODEL, { memoryId: memoryId(randomUUID()), vector: aVector() });
    }
    expect((await measure()).recall).toBeCloseTo(0.5, 1);
  });

  it('does not count a memory twice that has two entries', async () => {
    await add(aScope(), VECTORS);
    index.doubles = true;
    expect((await measure()).recall).toBe(1);
    index.losesEvery = 2;
    expect((await measure()).recall).toBeLessThan(0.6);
  });

  it('P15 asks a few tenants alone, as often as it is told', async () => {
    const [large, small] = [aScope(), aScope()];
    await add(large, VECTORS);
    await add(small, VECTORS);
    const [all, some] = [await measure(), await measure({ tenants: [small], queries: 10 })];
    expect(all.queries).toBeGreaterThan(100);
    expect(some).toEqual({ recall: 1, queries: 10 });
  });

  it('P15 leaves out what is more than it may read', async () => {
    await add(aScope(), VECTORS);
    await add(aScope(), 8);
    await add(aScope(), 6);
    expect(await measure({ mostVectors: 5 })).toEqual({ recall: 1, queries: 0 });
    expect((await measure({ mostVectors: 10 })).queries).toBe(4);
    expect((await measure({ mostVectors: 14 })).queries).toBe(4 + 3);
  });

  it('has no doubt where nothing is stored', async () => {
    expect(await measure()).toEqual({ recall: 1, queries: 0 });
  });

  it('ends when its work is no longer its own', async () => {
    await add(aScope(), VECTORS);
    const keep = () => Promise.reject(new Error('lost'));
    await expect(sut.measure(MODEL, { keep })).rejects.toThrow('lost');
  });
});
