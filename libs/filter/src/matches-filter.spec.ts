import fc from 'fast-check';
import { compareText, matchesFilter, parseFilter, type FilterableMemory } from './index.js';

const aMemory = (over: Partial<FilterableMemory> = {}): FilterableMemory => ({
  memory_type: 'episodic',
  tier: 1,
  importance: 0.5,
  trust: 1,
  created_at: 1000,
  updated_at: 2000,
  coordinate: '1,2',
  tags: ['red', 'blue'],
  session_id: 's-1',
  speaker: null,
  occurred_at: 3000,
  metadata: {
    n: 5,
    s: 'b',
    t: true,
    z: null,
    list: [1, 'red', null, [7], { a: 1 }],
    text: 'A red fox',
    none: [],
    deep: { er: 'x' },
  },
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
    [{ tier: { between: [1, 3] } }, true],
    [{ tier: { between: [2, 3] } }, false],
    [{ tier: { between: [3, 0] } }, false],
    [{ importance: { between: [0.5, 0.5] } }, true],
    [{ 'metadata.s': { between: ['a', 'b'] } }, true],
    [{ 'metadata.s': { between: [0, 9] } }, false],
    [{ tier: { nin: [0, 2] } }, true],
    [{ tier: { nin: [0, 1] } }, false],
    [{ 'metadata.n': { nin: [5] } }, false],
    [{ 'metadata.absent': { nin: [5] } }, true],
    [{ memory_type: { contains: 'pis' } }, true],
    [{ memory_type: { contains: 'PIS' } }, false],
    [{ memory_type: { startswith: 'epi' } }, true],
    [{ memory_type: { startswith: 'pi' } }, false],
    [{ memory_type: { startswith: '' } }, true],
    [{ tags: { contains: 'red' } }, true],
    [{ tags: { contains: 're' } }, false],
    [{ tags: { any: ['green', 'blue'] } }, true],
    [{ tags: { any: ['green'] } }, false],
    [{ tags: { all: ['red', 'blue', 'red'] } }, true],
    [{ tags: { all: ['red', 'green'] } }, false],
    [{ tags: { nin: ['green'] } }, true],
    [{ tags: { nin: ['green', 'red'] } }, false],
    [{ tags: { exists: true } }, true],
    [{ session_id: 's-1' }, true],
    [{ session_id: { startswith: 's-' } }, true],
    [{ session_id: { exists: true } }, true],
    [{ occurred_at: { gte: '1970-01-01T00:00:03Z' } }, true],
    [{ occurred_at: { between: ['1970-01-01T00:00:02Z', '1970-01-01T00:00:02.9Z'] } }, false],
    [{ tier: { exists: true } }, true],
    [{ tier: { exists: false } }, false],
    [{ 'metadata.list': { contains: 1 } }, true],
    [{ 'metadata.list': { contains: 'red' } }, true],
    [{ 'metadata.list': { contains: null } }, true],
    [{ 'metadata.list': { contains: 're' } }, false],
    [{ 'metadata.list': { contains: '1' } }, false],
    [{ 'metadata.list': { contains: 7 } }, false],
    [{ 'metadata.list': { any: [2, 'red'] } }, true],
    [{ 'metadata.list': { any: [2] } }, false],
    [{ 'metadata.list': { all: ['red', 1] } }, true],
    [{ 'metadata.list': { all: ['red', 2] } }, false],
    [{ 'metadata.list': { startswith: 'red' } }, false],
    [{ 'metadata.list': 'red' }, false],
    [{ 'metadata.none': { any: [1] } }, false],
    [{ 'metadata.none': { exists: true } }, true],
    [{ 'metadata.text': { contains: 'red' } }, true],
    [{ 'metadata.text': { contains: 'Red' } }, false],
    [{ 'metadata.text': { any: ['A red fox'] } }, false],
    [{ 'metadata.text': { all: ['A red fox'] } }, false],
    [{ 'metadata.text': { startswith: 'A re' } }, true],
    [{ 'metadata.n': { contains: 5 } }, false],
    [{ 'metadata.z': { exists: true } }, true],
    [{ 'metadata.z': { exists: false } }, false],
    [{ 'metadata.absent': { exists: true } }, false],
    [{ 'metadata.absent': { exists: false } }, true],
    [{ 'metadata.deep': { exists: true } }, true],
    [{ 'metadata.deep.er': { exists: true } }, true],
    [{ 'metadata.list.0': { exists: true } }, false],
    [{ or: [{ tier: 9 }, { tags: 'blue' }] }, true],
    [{ and: [{ tier: 1 }, { tags: 'green' }] }, false],
  ])('holds %j to be %s', (json, expected) => {
    expect(passes(json)).toBe(expected);
  });

  it('finds every comparison with a missing field false, so ne true', () => {
    for (const op of ['eq', 'gt', 'gte', 'lt', 'lte']) {
      expect(passes({ 'metadata.absent': { [op]: 1 } })).toBe(false);
    }
    expect(passes({ 'metadata.absent': { in: [null] } })).toBe(false);
    expect(passes({ 'metadata.absent': { ne: 1 } })).toBe(true);
  });

  it('finds every comparison with an absent column false, so ne, nin and not true', () => {
    const memory = aMemory({ session_id: null, speaker: null, occurred_at: null, tags: [] });
    const time = '1970-01-01T00:00:00Z';
    for (const [field, value] of [
      ['session_id', ''],
      ['speaker', 'a'],
      ['occurred_at', time],
    ] as const) {
      for (const op of ['eq', 'gt', 'gte', 'lt', 'lte']) {
        expect(passes({ [field]: { [op]: value } }, memory)).toBe(false);
        expect(passes({ not: { [field]: { [op]: value } } }, memory)).toBe(true);
      }
      expect(passes({ [field]: { in: [value] } }, memory)).toBe(false);
      expect(passes({ [field]: { between: [value, value] } }, memory)).toBe(false);
      expect(passes({ [field]: { ne: value } }, memory)).toBe(true);
      expect(passes({ [field]: { nin: [value] } }, memory)).toBe(true);
      expect(passes({ [field]: { exists: true } }, memory)).toBe(false);
      expect(passes({ [field]: { exists: false } }, memory)).toBe(true);
    }
    expect(passes({ speaker: { contains: '' } }, memory)).toBe(false);
    expect(passes({ speaker: { startswith: '' } }, memory)).toBe(false);
    expect(passes({ tags: { exists: true } }, memory)).toBe(false);
  });

  it('finds eq null only where a null is present', () => {
    expect(passes({ 'metadata.z': null })).toBe(true);
    expect(passes({ 'metadata.absent': null })).toBe(false);
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

describe('operators that say the same', () => {
  const list = fc.array(scalar, { minLength: 1, maxLength: 4 });

  it('are nin and not in, between and two bounds', () => {
    const bounds = fc.oneof(
      fc.tuple(fc.integer(), fc.integer()),
      fc.tuple(fc.string(), fc.string()),
    );
    fc.assert(
      fc.property(list, bounds, memory, (values, [low, high], subject) => {
        const isIn = passes({ 'metadata.n': { in: values } }, subject);
        expect(passes({ 'metadata.n': { nin: values } }, subject)).toBe(!isIn);
        const between = passes({ 'metadata.n': { between: [low, high] } }, subject);
        expect(passes({ 'metadata.n': { gte: low, lte: high } }, subject)).toBe(between);
      }),
    );
  });

  it('are any and one contains or another, all and one contains and another, on a list', () => {
    fc.assert(
      fc.property(list, list, (found, values) => {
        const subject = aMemory({ metadata: { list: found } });
        const contains = values.map((value) => ({ 'metadata.list': { contains: value } }));
        for (const [op, joined] of [
          ['any', 'or'],
          ['all', 'and'],
        ] as const) {
          const alike = passes({ [joined]: contains }, subject);
          expect(passes({ 'metadata.list': { [op]: values } }, subject)).toBe(alike);
        }
      }),
    );
  });

  it('are contains and includes, startswith and startsWith, on a text', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '%', '😀'), maxLength: 6 });
    fc.assert(
      fc.property(text, text, (found, part) => {
        const subject = aMemory({ speaker: found || null, metadata: { text: found } });
        for (const field of ['metadata.text', ...(found ? ['speaker'] : [])]) {
          const contains = passes({ [field]: { contains: part } }, subject);
          expect(contains).toBe(found.includes(part));
          const starts = passes({ [field]: { startswith: part } }, subject);
          expect(starts).toBe(found.startsWith(part));
        }
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
