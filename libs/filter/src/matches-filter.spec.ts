import fc from 'fast-check';
import { compareText, matchesFilter, parseFilter, type FilterableMemory } from './index.js';

const aMemory = (over: Partial<FilterableMemory> = {}): FilterableMemory => ({
  memory_type: 'episodic',
  tier: 1,
  importance: 0.5,
  created_at: 1000,
  updated_at: 2000,
  coordinate: '1,2',
  tags: ['red', 'blue'],
  metadata: { n: 5, s: 'b', t: true, z: null, list: [1], deep: { er: 'x' } },
  ...over,
});

const passes = (json: unknown, memory = aMemory()): boolean =>
  matchesFilter(parseFilter(json), memory);

const scalar = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, 0, 1, 5, 'a', 'b', '', '5'),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
);
const metadata = fc.dictionary(
  fc.constantFrom('n', 's', 'deep'),
  fc.oneof(scalar, fc.dictionary(fc.constant('er'), scalar), fc.array(scalar)),
);
const memory = fc.record({ tier: fc.integer({ min: 0, max: 3 }), metadata }).map(aMemory);
const ordered = scalar.filter((value) => typeof value === 'number' || typeof value === 'string');
const leaf = fc.oneof(
  fc.tuple(fc.constantFrom('eq', 'ne'), scalar),
  fc.tuple(fc.constantFrom('gt', 'gte', 'lt', 'lte'), ordered),
  fc.tuple(fc.constant('in'), fc.array(scalar, { minLength: 1, maxLength: 4 })),
);
const term = fc.oneof(
  fc
    .tuple(fc.constantFrom('metadata.n', 'metadata.s', 'metadata.deep.er'), leaf)
    .map(([field, [op, value]]) => ({ [field]: { [op]: value } })),
  fc.integer({ min: 0, max: 3 }).map((tier) => ({ tier: { gte: tier } })),
);
const filter = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    term,
    fc.record({ not: tie('node') }),
    fc.record({ and: fc.array(tie('node'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ or: fc.array(tie('node'), { minLength: 1, maxLength: 3 }) }),
  ),
})).node;

describe(matchesFilter.name, () => {
  it.each([
    [{ memory_type: 'episodic' }, true],
    [{ memory_type: 'semantic' }, false],
    [{ tier: { gt: 0, lte: 1 } }, true],
    [{ tier: { lt: 1 } }, false],
    [{ importance: { gte: 0.5 } }, true],
    [{ created_at: { lt: '1970-01-01T00:00:01.001Z' } }, true],
    [{ updated_at: { in: ['1970-01-01T00:00:02Z'] } }, true],
    [{ coordinate: '1.0,2.0' }, true],
    [{ tags: 'red' }, true],
    [{ tags: { ne: 'red' } }, false],
    [{ tags: { in: ['green', 'blue'] } }, true],
    [{ tags: { in: ['green'] } }, false],
    [{ 'metadata.n': { gt: 4 } }, true],
    [{ 'metadata.n': { gt: '4' } }, false],
    [{ 'metadata.s': { gte: 'b', lt: 'c' } }, true],
    [{ 'metadata.t': true }, true],
    [{ 'metadata.t': 1 }, false],
    [{ 'metadata.deep.er': 'x' }, true],
    [{ or: [{ tier: 9 }, { tags: 'blue' }] }, true],
    [{ and: [{ tier: 1 }, { tags: 'green' }] }, false],
  ])('holds %j to be %s', (json, expected) => {
    expect(passes(json)).toBe(expected);
  });

  it('finds every comparison with a missing field false, so ne true', () => {
    for (const op of ['eq', 'gt', 'gte', 'lt', 'lte']) {
      expect(passes({ 'metadata.none': { [op]: 1 } })).toBe(false);
    }
    expect(passes({ 'metadata.none': { in: [null] } })).toBe(false);
    expect(passes({ 'metadata.none': { ne: 1 } })).toBe(true);
  });

  it('finds eq null only where a null is present', () => {
    expect(passes({ 'metadata.z': null })).toBe(true);
    expect(passes({ 'metadata.none': null })).toBe(false);
    expect(passes({ 'metadata.n': null })).toBe(false);
  });

  it('walks objects, but neither lists nor what every object inherits', () => {
    expect(passes({ 'metadata.list.0': 1 })).toBe(false);
    expect(passes({ 'metadata.list.length': 1 })).toBe(false);
    expect(passes({ 'metadata.constructor.name': 'Object' })).toBe(false);
    expect(passes({ 'metadata.__proto__': { ne: null } })).toBe(true);
  });

  it('finds a filter and its double negation equal', () => {
    fc.assert(
      fc.property(filter, memory, (json, subject) => {
        expect(passes({ not: { not: json } }, subject)).toBe(passes(json, subject));
      }),
    );
  });

  it('keeps to the laws of De Morgan', () => {
    fc.assert(
      fc.property(filter, filter, memory, (a, b, subject) => {
        const negated = [{ not: a }, { not: b }];
        expect(passes({ not: { and: [a, b] } }, subject)).toBe(passes({ or: negated }, subject));
        expect(passes({ not: { or: [a, b] } }, subject)).toBe(passes({ and: negated }, subject));
      }),
    );
  });

  it('finds ne the opposite of eq, and in the same as one eq or another', () => {
    fc.assert(
      fc.property(scalar, scalar, memory, (a, b, subject) => {
        const eq = passes({ 'metadata.n': { eq: a } }, subject);
        expect(passes({ 'metadata.n': { ne: a } }, subject)).toBe(!eq);
        const either = eq || passes({ 'metadata.n': { eq: b } }, subject);
        expect(passes({ 'metadata.n': { in: [a, b] } }, subject)).toBe(either);
      }),
    );
  });
});

describe(compareText.name, () => {
  it('orders as the bytes of UTF-8 do', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(text, text, (a, b) => {
        const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b));
        expect(Math.sign(compareText(a, b))).toBe(bytes);
      }),
    );
    expect(compareText('\ufffd', '\u{1f600}')).toBeLessThan(0);
  });
});
