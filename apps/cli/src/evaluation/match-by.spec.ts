import fc from 'fast-check';
import { aMemory, MEMORY_ID } from '../../testing/resources.fixture.js';
import { matchBy } from './match-by.js';

describe(matchBy.name, () => {
  it('takes a UUID for an id and numbers for a coordinate when nothing is said', () => {
    const { keyOf, keysOf } = matchBy(undefined);
    const keys = keysOf(aMemory({ coordinate: '1,2,3' }));
    expect(keys).toContain(keyOf(MEMORY_ID.toUpperCase()));
    expect(keys).toContain(keyOf('1.0, 2.00,3'));
    expect(keys).not.toContain(keyOf('1,2,4'));
    expect(keyOf('D1:3')).toBeUndefined();
  });

  it('reads a coordinate in any way of writing it', () => {
    const { keyOf } = matchBy('coordinate');
    const numbers = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(numbers, (values) => {
        const plain = values.map(String).join(',');
        const spaced = values.map((value) => value.toExponential()).join(' , ');
        expect(keyOf(spaced)).toBe(keyOf(plain));
      }),
    );
  });

  it('finds a metadata value at any depth, a number as a text, a list as each of its members', () => {
    const nested = matchBy('metadata.source.id');
    expect(nested.keysOf(aMemory({ metadata: { source: { id: 7 } } }))).toEqual([nested.keyOf(7)]);
    const flat = matchBy('metadata.ref');
    expect(flat.keysOf(aMemory({ metadata: { ref: ['a', 'b'] } }))).toEqual(['a', 'b']);
    expect(flat.keysOf(aMemory({ metadata: { other: 'a' } }))).toEqual([]);
    expect(matchBy('metadata.toString').keysOf(aMemory())).toEqual([]);
  });

  it('looks a memory up in the ways that do not count as an access', () => {
    const paths = ['id', 'coordinate', 'metadata.ref'].map(
      (by) => matchBy(by).lookUp(by === 'id' ? MEMORY_ID : '1,2', 'n').path,
    );
    expect(paths).toEqual(['/graph/neighbors', '/memories', '/memories']);
  });

  it.each(['name', 'metadata.', 'metadata'])('refuses --match %s', (text) => {
    expect(() => matchBy(text)).toThrow('named by id, coordinate or metadata.<name>');
  });
});
