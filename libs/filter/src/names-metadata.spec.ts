import { namesMetadata } from './names-metadata.js';
import { parseFilter } from './parse-filter.js';

describe(namesMetadata, () => {
  it.each([
    [{ 'metadata.a': 1 }, true],
    [{ and: [{ tags: 'x' }, { or: [{ not: { 'metadata.a.b': { exists: true } } }] }] }, true],
    [{ and: [{ tags: 'metadata.a' }, { not: { speaker: 'Ada' } }] }, false],
  ])('says of %j: %s', (filter, expected) => {
    expect(namesMetadata(parseFilter(filter))).toBe(expected);
  });
});
