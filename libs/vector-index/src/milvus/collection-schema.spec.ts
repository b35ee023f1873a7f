import { collectionName, dimensionOf, modelPrefix } from './collection-schema.js';

describe(dimensionOf.name, () => {
  const name = collectionName('soma', 'a/model:v1', 768);

  it('reads the dimension back from a name', () => {
    expect(name.startsWith(modelPrefix('soma', 'a/model:v1'))).toBe(true);
    expect(dimensionOf('soma', name)).toBe(768);
  });

  it('knows no collection of another prefix, of another schema, or of somebody else', () => {
    const ofFirstSchema = `${modelPrefix('soma', 'a/model:v1')}768`;
    const ofNextSchema = name.replace(/\d+$/, (version) => `${Number(version) + 1}`);
    for (const other of [ofFirstSchema, ofNextSchema, 'soma_things', `${name}_copy`]) {
      expect(dimensionOf('soma', other)).toBeUndefined();
    }
    expect(dimensionOf('other', name)).toBeUndefined();
  });
});
