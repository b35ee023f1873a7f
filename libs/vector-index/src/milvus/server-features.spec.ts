import { serverFeatures } from './server-features.js';

describe(serverFeatures.name, () => {
  it.each([
    ['v2.3.5-lite', 'HNSW', 'two-valued'],
    ['v2.3.21', 'HNSW', 'two-valued'],
    ['2.6.1', 'HNSW', 'unsure'],
    ['v2.30.0', 'HNSW', 'unsure'],
    ['milvus_lite-3.2.2', 'FLAT', 'unsure'],
  ])('knows of %s that it has %s and is %s', (version, indexType, filterLogic) => {
    expect(serverFeatures(version)).toEqual({ version, indexType, filterLogic });
  });
});
