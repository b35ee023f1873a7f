import { memoryId, tenantId, TenantScope } from '@soma/core';
import { blankAttributes, FlatVectorIndex, TracedVectorIndex } from '@soma/vector-index';
import { RecordedTracing } from './recorded-tracing.js';

const OURS = TenantScope.of(tenantId('019aa5a0-0000-7000-8000-000000000001'));
const THEIRS = TenantScope.of(tenantId('019aa5a0-0000-7000-8000-000000000002'));
const ENTRY = '019aa5a0-0000-7000-8000-00000000000a';
const CANARY = 'canary8d31';
const vector = new Float32Array([1]);
const query = { namespace: CANARY, model: CANARY, vector, topK: 3 };

describe(TracedVectorIndex, () => {
  let tracing: RecordedTracing;
  let sut: TracedVectorIndex;

  beforeEach(async () => {
    tracing = new RecordedTracing();
    sut = new TracedVectorIndex(new FlatVectorIndex(), 'milvus', tracing);
    const of = {
      namespace: CANARY,
      model: CANARY,
      vector,
      attributes: blankAttributes('episodic'),
    };
    await sut.insert(OURS, [{ entryId: ENTRY, memoryId: memoryId(ENTRY), ...of }]);
  });

  it('P16 answers as the index does, to its own tenant alone', async () => {
    expect(await sut.search(OURS, query)).toMatchObject([{ entryId: ENTRY }]);
    expect(await sut.search(THEIRS, query)).toEqual([]);
    await sut.remove(OURS, CANARY, [ENTRY]);
    expect(await sut.count(OURS, { model: CANARY })).toBe(0);
  });

  it('P16 says what is asked of the server, how much of it, and how much came back', async () => {
    await sut.search(OURS, query);
    expect(tracing.spans).toEqual([
      {
        name: 'insert milvus',
        kind: 'client',
        attributes: {
          'db.system.name': 'milvus',
          'db.operation.name': 'insert',
          'db.operation.batch.size': 1,
        },
        said: [],
      },
      {
        name: 'search milvus',
        kind: 'client',
        attributes: {
          'db.system.name': 'milvus',
          'db.operation.name': 'search',
          'soma.top_k': 3,
          'soma.filtered': false,
        },
        said: [{ 'db.response.returned_rows': 1 }],
      },
    ]);
  });

  it('P16 names neither namespace, tenant, model nor entry', async () => {
    await sut.search(OURS, query);
    await sut.held(OURS, { model: CANARY, entryIds: [ENTRY], memoryIds: [ENTRY] });
    await sut.entryIds(OURS, { model: CANARY, limit: 10 });
    await sut.clear(OURS);
    await sut.drop(CANARY);
    const text = JSON.stringify(tracing.spans);
    expect(tracing.spans).toHaveLength(6);
    expect([CANARY, OURS.tenantId, ENTRY].filter((one) => text.includes(one))).toEqual([]);
  });
});
