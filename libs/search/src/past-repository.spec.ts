import { memoryId, tenantId, TenantScope } from '@soma/core';
import { memoryExample, treePartition } from '@soma/memory';
import { v7 as uuidv7 } from 'uuid';
import { PastMemories } from './past-memories.js';
import { PastRepository } from './past-repository.js';

class NoMemories extends PastMemories {
  size = () => Promise.resolve({ memories: 0, bytes: 0 });
  memories = () => Promise.resolve([]);
  lexical = () => Promise.resolve({ postings: [], lengths: new Map() });
  links = () => Promise.resolve([]);
}

describe(PastRepository, () => {
  const id = memoryId(memoryExample.id);
  const vector = new Float32Array([1, 0]);
  const question = {
    namespace: 'default',
    knownAt: new Date(),
    validAt: undefined,
    filter: undefined,
  };
  const past = { memory: { ...memoryExample }, sessionKey: -1, isRewritten: false };
  const freshOf = async (passes: boolean, namespace = 'default') => {
    const known = new Map([[id, vector]]);
    const sut = new PastRepository(new NoMemories(), question, [{ ...past, passes }], known);
    const scope = TenantScope.of(tenantId(uuidv7()));
    return (await sut.fresh(scope, { namespace, model: 'none', freshLimit: 10 })).entries;
  };

  it('P29 compares every vector of the namespace that passes, and no other', async () => {
    expect(await freshOf(true)).toEqual([{ entryId: id, memoryId: id, vector }]);
    expect(await freshOf(false)).toEqual([]);
  });

  it('P29 has nothing of the hierarchy, whose nodes are not known of then', async () => {
    expect(await freshOf(true, treePartition('default'))).toEqual([]);
  });
});
