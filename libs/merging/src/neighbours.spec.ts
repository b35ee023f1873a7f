import { memoryId, SomaError, tenantId, TenantScope } from '@soma/core';
import {
  type Context,
  type CurrentEntry,
  type FreshQuery,
  type FreshTail,
  type LexicalMatches,
  SearchRepository,
} from '@soma/search';
import { FlatVectorIndex, type IndexHit, type IndexQuery } from '@soma/vector-index';
import type { MergeCandidate } from './merge-store.js';
import { Neighbours } from './neighbours.js';

const SCOPE = TenantScope.of(tenantId('018f0000-0000-7000-8000-000000000001'));
const OF = { namespace: 'default', model: 'm' };
const CANDIDATE: MergeCandidate = {
  id: 'a',
  content: 'tea',
  vector: new Float32Array([1, 0]),
  createdAt: 0,
  coordinate: '1',
  version: 1,
  updatedAt: new Date(0),
  memoryType: 'episodic',
  stays: false,
  kind: 'one',
};

class Entries extends SearchRepository {
  readonly asked: FreshQuery[] = [];
  cut = false;

  fresh(_scope: TenantScope, query: FreshQuery): Promise<FreshTail> {
    this.asked.push(query);
    const near = { entryId: 'e1', memoryId: memoryId('near'), vector: new Float32Array([1, 0]) };
    const far = { entryId: 'e2', memoryId: memoryId('far'), vector: new Float32Array([0, 1]) };
    const entries = query.freshForMs === undefined ? [near, far] : [];
    return Promise.resolve({ entries, cut: this.cut, activeModel: query.model });
  }
  lexical = (): Promise<LexicalMatches> => Promise.reject(new Error('not asked'));
  context = (): Promise<Context> => Promise.reject(new Error('not asked'));
  current = (): Promise<CurrentEntry[]> => Promise.reject(new Error('not asked'));
  memories = () => Promise.reject(new Error('not asked'));
  vectors = () => Promise.reject(new Error('not asked'));
}

class Index extends FlatVectorIndex {
  readonly asked: IndexQuery[] = [];
  failure: Error | undefined;

  override search(_scope: TenantScope, query: IndexQuery): Promise<IndexHit[]> {
    this.asked.push(query);
    if (this.failure) return Promise.reject(this.failure);
    const hit = { entryId: 'e', score: 0.99, memoryId: memoryId('indexed') };
    return Promise.resolve([hit, { ...hit, score: 0.5, memoryId: memoryId('unlike') }]);
  }
}

describe(Neighbours.name, () => {
  const setUp = () => {
    const [index, entries] = [new Index(), new Entries()];
    return { index, entries, sut: new Neighbours(index, entries) };
  };

  it('asks for what is of the type and was changed no later', async () => {
    const { index, sut } = setUp();
    expect(await sut.of(SCOPE, OF, [CANDIDATE], 0.9)).toEqual(['indexed']);
    expect(JSON.stringify(index.asked[0]?.filter)).toMatch(/memory_type.*episodic.*updated_at/);
  });

  it('compares all vectors while the index is away', async () => {
    const { index, entries, sut } = setUp();
    index.failure = new SomaError('DEPENDENCY_UNAVAILABLE', 'away');
    expect(await sut.of(SCOPE, OF, [CANDIDATE], 0.9)).toEqual(['near']);
    expect(entries.asked.map(({ freshForMs }) => freshForMs)).toEqual([2_000, undefined]);
    index.failure = new Error('wrong');
    await expect(sut.of(SCOPE, OF, [CANDIDATE], 0.9)).rejects.toThrow('wrong');
  });

  it('says when not all could be compared', async () => {
    const { entries, sut } = setUp();
    entries.cut = true;
    await expect(sut.of(SCOPE, OF, [CANDIDATE], 0.9)).rejects.toMatchObject({
      code: 'DEPENDENCY_UNAVAILABLE',
    });
  });
});
