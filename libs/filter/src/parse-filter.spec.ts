import fc from 'fast-check';
import { SomaError } from '@soma/core';
import { FILTER_OPERATORS, parseFilter } from './index.js';

const refusal = (json: unknown): SomaError => {
  try {
    parseFilter(json);
  } catch (error) {
    if (error instanceof SomaError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(json)} was accepted`);
};

const nested = (levels: number): unknown =>
  levels === 0 ? { tier: 1 } : { not: nested(levels - 1) };

const tier = { kind: 'column', name: 'tier' };

describe(parseFilter.name, () => {
  it('reads a bare value as eq', () => {
    expect(parseFilter({ tier: 1 })).toEqual({ kind: 'compare', field: tier, op: 'eq', value: 1 });
    expect(parseFilter({ tier: 1 })).toEqual(parseFilter({ tier: { eq: 1 } }));
  });

  it('joins keys and operators that stand beside each other with and', () => {
    expect(parseFilter({ tier: { gte: 1, lt: 3 }, tags: 'a' })).toEqual({
      kind: 'and',
      filters: [
        parseFilter({ tier: { gte: 1 } }),
        parseFilter({ tier: { lt: 3 } }),
        parseFilter({ tags: { eq: 'a' } }),
      ],
    });
  });

  it('reads and, or and not inside each other', () => {
    expect(parseFilter({ or: [{ not: { tier: 1 } }, { and: [{ tags: 'a' }] }] })).toEqual({
      kind: 'or',
      filters: [
        { kind: 'not', filter: parseFilter({ tier: 1 }) },
        { kind: 'and', filters: [parseFilter({ tags: 'a' })] },
      ],
    });
  });

  it('parts a metadata path at its dots and keeps every other character', () => {
    expect(parseFilter({ 'metadata.a b.ü"': null })).toEqual({
      kind: 'compare',
      field: { kind: 'metadata', path: ['a b', 'ü"'] },
      op: 'eq',
      value: null,
    });
  });

  it('turns ISO 8601 times into milliseconds, whatever their zone', () => {
    const value = (json: unknown): unknown => Reflect.get(parseFilter(json), 'value');
    expect(value({ created_at: { gt: '1970-01-01T00:00:01Z' } })).toBe(1000);
    expect(value({ updated_at: '1970-01-01T01:00:01.5+01:00' })).toBe(1500);
    expect(value({ updated_at: { in: ['1970-01-02'] } })).toEqual([86_400_000]);
  });

  it('rounds a bound finer than a millisecond so that no memory changes sides', () => {
    const value = (op: string): unknown =>
      Reflect.get(parseFilter({ created_at: { [op]: '1970-01-01T00:00:00.001500Z' } }), 'value');
    expect([value('gte'), value('lt'), value('gt'), value('lte')]).toEqual([2, 2, 1, 1]);
  });

  it('reads ne, nin, between and exists: false as what they stand for', () => {
    expect(parseFilter({ tier: { ne: 1 } })).toEqual(parseFilter({ not: { tier: 1 } }));
    const ids = { in: [1, 2] };
    expect(parseFilter({ tier: { nin: [1, 2] } })).toEqual(parseFilter({ not: { tier: ids } }));
    expect(parseFilter({ tier: { between: [1, 2] } })).toEqual(
      parseFilter({ tier: { gte: 1, lte: 2 } }),
    );
    expect(parseFilter({ speaker: { exists: false } })).toEqual(
      parseFilter({ not: { speaker: { exists: true } } }),
    );
  });

  it('moves the ends of between inwards to whole milliseconds', () => {
    const ends = ['1970-01-01T00:00:00.0011Z', '1970-01-01T00:00:00.0029Z'];
    expect(parseFilter({ occurred_at: { between: ends } })).toMatchObject({
      filters: [{ value: 2 }, { value: 2 }],
    });
  });

  it('takes on each kind of field the operators that mean something there', () => {
    const operators = (field: string): string | undefined =>
      /Allowed are: (.*?)\. \(/.exec(refusal({ [field]: { like: 1 } }).message)?.[1];
    const ordered = 'eq, ne, gt, gte, lt, lte, between, in, nin';
    const texts = `${ordered}, contains, startswith, exists`;
    for (const field of ['memory_type', 'session_id', 'speaker']) {
      expect(operators(field)).toBe(texts);
    }
    for (const field of ['tier', 'importance', 'created_at', 'updated_at', 'occurred_at']) {
      expect(operators(field)).toBe(`${ordered}, exists`);
    }
    expect(operators('coordinate')).toBe('eq, ne, in, nin, exists');
    expect(operators('tags')).toBe('eq, ne, in, nin, contains, exists, any, all');
    expect(operators('metadata.x')).toBe(`${texts}, any, all`);
  });

  it('writes a coordinate in its canonical form', () => {
    expect(parseFilter({ coordinate: '1.0, 2' })).toEqual(parseFilter({ coordinate: '1,2' }));
  });

  it.each([
    ['an unknown field', { owner: 1 }, '/filter/owner', 'memory_type, tier'],
    ['metadata without a path', { metadata: 1 }, '/filter/metadata', 'metadata.<key>'],
    ['an unknown operator', { tier: { like: 1 } }, '/filter/tier/like', 'eq, ne, gt'],
    ['an ordering of tags', { tags: { gt: 'a' } }, '/filter/tags/gt', 'eq, ne, in'],
    ['no field', {}, '/filter', 'at least one'],
    ['no operator', { tier: {} }, '/filter/tier', 'eq, ne'],
    ['an empty and', { and: [] }, '/filter/and', 'at least one'],
    ['an or that is no list', { or: { tier: 1 } }, '/filter/or', 'list'],
    ['a not of a list', { not: [{ tier: 1 }] }, '/filter/not', 'an object'],
    ['a fault deep inside', { or: [{ tier: 1 }, { not: { x: 1 } }] }, '/filter/or/1/not/x', 'x'],
    ['a list as bare value', { tags: ['a'] }, '/filter/tags', 'a list'],
    ['in without a list', { tier: { in: 1 } }, '/filter/tier/in', 'list'],
    ['nin without a list', { tier: { nin: 1 } }, '/filter/tier/nin', 'list'],
    ['an empty any', { tags: { any: [] } }, '/filter/tags/any', '1 to 100'],
    ['all of numbers of tags', { tags: { all: ['a', 1] } }, '/filter/tags/all/1', 'a string'],
    ['between without a list', { tier: { between: 1 } }, '/filter/tier/between', 'two values'],
    ['between of three', { tier: { between: [1, 2, 3] } }, '/filter/tier/between', 'two values'],
    [
      'a bound of no kind',
      { tier: { between: [1, 'x'] } },
      '/filter/tier/between/1',
      'whole number',
    ],
    [
      'bounds of two kinds',
      { 'metadata.a': { between: [1, 'x'] } },
      '/filter/metadata.a/between',
      'two numbers or two strings',
    ],
    [
      'null as bound',
      { 'metadata.a': { between: [1, null] } },
      '/filter/metadata.a/between/1',
      'number',
    ],
    ['exists of no boolean', { speaker: { exists: 1 } }, '/filter/speaker/exists', 'true or false'],
    [
      'startswith a number',
      { 'metadata.a': { startswith: 1 } },
      '/filter/metadata.a/startswith',
      'string',
    ],
    [
      'contains an object',
      { 'metadata.a': { contains: {} } },
      '/filter/metadata.a/contains',
      'null',
    ],
    ['contains of a number', { tier: { contains: 1 } }, '/filter/tier/contains', 'eq, ne'],
    ['startswith of tags', { tags: { startswith: 'a' } }, '/filter/tags/startswith', 'any, all'],
    ['any of a text', { speaker: { any: ['a'] } }, '/filter/speaker/any', 'contains'],
    [
      'between of coordinates',
      { coordinate: { between: ['1', '2'] } },
      '/filter/coordinate/between',
      'in',
    ],
    ['null for an optional column', { speaker: null }, '/filter/speaker', 'string'],
    ['an empty in', { tier: { in: [] } }, '/filter/tier/in', '1 to 100'],
    ['a string for a tier', { tier: '1' }, '/filter/tier', 'whole number'],
    ['a broken tier', { tier: { in: [1, 1.5] } }, '/filter/tier/in/1', 'whole number'],
    ['an infinite number', { importance: Infinity }, '/filter/importance', 'finite'],
    ['a number for a type', { memory_type: 1 }, '/filter/memory_type', 'string'],
    ['null for a column', { memory_type: null }, '/filter/memory_type', 'string'],
    ['an ordering of booleans', { 'metadata.a': { gt: true } }, '/filter/metadata.a/gt', 'number'],
    ['an object as value', { 'metadata.a': { eq: {} } }, '/filter/metadata.a/eq', 'string'],
    ['a number as time', { created_at: 0 }, '/filter/created_at', 'ISO 8601'],
    ['a time without zone', { created_at: '2026-01-01T00:00:00' }, '/filter/created_at', 'zone'],
    ['a day that is not', { created_at: '2026-02-30' }, '/filter/created_at', 'ISO 8601'],
    ['a bad coordinate', { coordinate: '1,x' }, '/filter/coordinate', 'numbers'],
    ['an empty path key', { 'metadata.a..b': 1 }, '/filter/metadata.a..b', '1 to 64'],
    ['NUL in a value', { tags: 'a\0' }, '/filter/tags', 'NUL'],
    ['half a surrogate pair', { 'metadata.a': '\ud800' }, '/filter/metadata.a', 'surrogate'],
    ['NUL in a key', { 'metadata.a\0': 1 }, '/filter/metadata.a\0', 'NUL'],
    ['a prototype key', JSON.parse('{"__proto__":1}'), '/filter/__proto__', 'Unknown field'],
    ['a list', [], '/filter', 'a list'],
    ['null', null, '/filter', 'null'],
  ])('refuses %s, saying where and what is allowed', (_what, json, path, message) => {
    const error = refusal(json);
    expect(error.code).toBe('FILTER_INVALID');
    expect(error.errors).toEqual([{ path, message: expect.stringContaining(message) }]);
  });

  it('takes what is just within its limits and refuses what is just beyond', () => {
    const terms = (count: number): unknown => ({ or: Array(count).fill({ tier: 1 }) });
    const list = (count: number): unknown => ({ tier: { in: Array(count).fill(1) } });
    const any = (count: number): unknown => ({ 'metadata.a': { any: Array(count).fill(1) } });
    const between = (count: number): unknown => ({
      or: Array(count).fill({ tier: { between: [1, 2] } }),
    });
    const path = (count: number): unknown => ({ [`metadata${'.a'.repeat(count)}`]: 1 });
    const key = (count: number): unknown => ({ [`metadata.${'😀'.repeat(count)}`]: 1 });
    for (const within of [
      nested(8),
      terms(64),
      between(64),
      list(100),
      any(100),
      path(8),
      key(64),
    ]) {
      expect(parseFilter(within)).toBeDefined();
    }
    for (const beyond of [nested(9), nested(5000), terms(65), between(65)]) {
      expect(refusal(beyond).code).toBe('FILTER_INVALID');
    }
    for (const beyond of [list(101), any(101), path(9), key(65)]) {
      expect(refusal(beyond).code).toBe('FILTER_INVALID');
    }
  });

  it('answers anything at all with a filter or with FILTER_INVALID', () => {
    const scalar = fc.oneof(fc.anything(), fc.string(), fc.double(), fc.bigInt(), fc.date());
    const key = fc.oneof(
      fc.constantFrom('and', 'or', 'not', 'tier', 'tags', 'created_at', 'coordinate', 'metadata.a'),
      fc.constantFrom(...FILTER_OPERATORS),
      fc.string({ unit: 'binary' }),
    );
    const filterLike = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        scalar,
        fc.dictionary(key, tie('node')),
        fc.array(tie('node')),
      ),
    })).node;
    fc.assert(
      fc.property(fc.oneof(fc.anything(), filterLike), (json) => {
        try {
          expect(['and', 'or', 'not', 'compare']).toContain(parseFilter(json).kind);
        } catch (error) {
          expect(error).toMatchObject({ name: 'SomaError', code: 'FILTER_INVALID' });
        }
      }),
      { numRuns: 3000 },
    );
  });
});
