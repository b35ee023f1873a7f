import { serverFeatures } from './server-features.js';

describe(serverFeatures.name, () => {
  it.each([
    ['v2.3.5-lite', 'HNSW', 'two-valued', true, true],
    ['v2.3.21', 'HNSW', 'two-valued', true, true],
    ['2.6.1', 'HNSW', 'unsure', true, true],
    ['v2.30.0', 'HNSW', 'unsure', true, true],
    ['milvus_lite-3.2.2', 'FLAT', 'unsure', false, false],
  ])(
    'knows of %s that it has %s, is %s and has JSON lists: %s, ordered queries: %s',
    (version, indexType, ...rest) => {
      const [logic, hasJsonLists, hasOrderedQueries] = rest;
      expect(serverFeatures(version)).toEqual({
        version,
        indexType,
        hasOrderedQueries,
        dialect: { logic, hasJsonLists },
      });
    },
  );
});
