import fc from 'fast-check';
import { isStorableText, SomaError, tenantId, TenantScope } from '@soma/core';
import { parseFilter } from '@soma/filter';
import { compileFilter, TenantExpression } from './milvus-expression.js';
import { serverFeatures } from './server-features.js';

// Claims about time: the machine may stall, so each may be shown in one of three tries, and every failure is printed.
import.meta.jest.retryTimes(2, { logErrorsBeforeRetry: true });

const TENANT = '0198c0de-0000-7000-8000-000000000001';
const SCOPE = TenantScope.of(tenantId(TENANT));
const { dialect: FULL } = serverFeatures('v2.3.5');
const { dialect: LITE } = serverFeatures('milvus_lite-3.2.2');
const TENANT_TERM = `tenant_id == "${TENANT}"`;

interface Shape {
  /** The expression with every string emptied. */
  readonly bare: string;
  /** Conjuncts outside all brackets, strings in place. */
  readonly conjuncts: readonly string[];
}

/** Reads an expression as the servers' lexers do; throws where a string or bracket stays open. */
function shapeOf(expression: string): Shape {
  const tokens: string[] = expression.match(/"(?:[^"\\\n\r]|\\["\\nr])*"|[^"]/gs) ?? [];
  if (tokens.join('') !== expression || tokens.some((token) => token === '"'))
    throw new Error('a string stays open');
  let depth = 0;
  let current = '';
  const conjuncts: string[] = [];
  for (const token of tokens) {
    if (token === '(' || token === '[') depth += 1;
    if (token === ')' || token === ']') depth -= 1;
    if (depth < 0) throw new Error('a bracket closes what is not open');
    current += token;
    if (depth === 0 && current.endsWith(' and ')) {
      conjuncts.push(current.slice(0, -' and '.length));
      current = '';
    }
  }
  if (depth !== 0) throw new Error('a bracket stays open');
  conjuncts.push(current);
  return { bare: tokens.map((token) => (token.length > 1 ? '""' : token)).join(''), conjuncts };
}

const FRAGMENTS = [
  '"',
  "'",
  '\\',
  '\\"',
  '"]',
  '[',
  ')',
  '(',
  ' or ',
  ' and ',
  ' || ',
  'tenant_id',
  ' != ""',
  ' == "',
  '1 == 1',
  '%',
  '\n',
  '\r',
  '\t',
  '\u2028',
  '\u0085',
  'not in',
  '//',
  '/*',
  '😀',
];
const hostile = fc.oneof(
  fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 8 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary' }).filter(isStorableText),
);
const hostileKey = hostile
  .map((text) => text.replaceAll('.', '').slice(0, 30))
  .filter((text) => text !== '' && isStorableText(text));

describe(TenantExpression.name, () => {
  it('ends with the tenant, alone at the top, whatever 5,000 hostile texts say', () => {
    const started = performance.now();
    fc.assert(
      fc.property(
        hostile,
        hostile,
        hostileKey,
        fc.constantFrom('eq', 'ne', 'lt', 'startswith', 'contains'),
        (a, b, key, op) => {
          const filter = parseFilter({
            or: [
              { memory_type: { [op]: a } },
              { not: { tags: { in: [a, b] } } },
              { tags: { all: [a, b] }, session_id: { [op]: b } },
              { [`metadata.${key}`]: { any: [a, b] } },
              { [`metadata.${key}.x`]: { [op]: b } },
              { [`metadata.x`]: b },
            ],
          });
          for (const dialect of [FULL, LITE]) {
            const { text } = TenantExpression.of(SCOPE, a, { filter, dialect });
            const { bare, conjuncts } = shapeOf(text);
            expect(conjuncts.at(-1)).toBe(TENANT_TERM);
            expect(conjuncts.at(-2)).toMatch(/^namespace == "/);
            expect(conjuncts.length).toBeLessThanOrEqual(3);
            expect(bare.split('tenant_id')).toHaveLength(2);
            expect(bare).not.toMatch(/%|'|\/|\n/);
          }
        },
      ),
      { numRuns: 5_000 },
    );
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it('compiles a filter as large as a request may be in well under a second', () => {
    const values = Array.from({ length: 7 }, () => '"\\\n'.repeat(700));
    const filter = parseFilter({ or: Array(64).fill({ 'metadata.a': { in: values } }) });
    const started = performance.now();
    const { text } = TenantExpression.of(SCOPE, 'default', { filter, dialect: FULL });
    expect(text.endsWith(TENANT_TERM)).toBe(true);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it.each(['a\0b', '\ud800', 'x\udfff'])('refuses %j, which no store can hold', (text) => {
    expect(() => TenantExpression.of(SCOPE, text)).toThrow(SomaError);
  });
});

/** Milvus takes control characters as they are; JSON does not. */
const escapeControls = (literal: string): string =>
  literal.replaceAll(
    /\p{Cc}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

describe(compileFilter.name, () => {
  const compiled = (json: unknown, dialect = FULL): string | undefined =>
    compileFilter(parseFilter(json), dialect);

  it.each([
    [{ tier: 1 }, 'tier == 1'],
    [{ tier: { ne: 1 } }, 'not (tier == 1)'],
    [{ not: { tier: { ne: 1 } } }, 'tier == 1'],
    [{ importance: { gte: 1e-7 } }, 'importance >= 1e-7'],
    [{ tier: { in: [1, 2] } }, 'tier in [1, 2]'],
    [{ created_at: { lt: '1970-01-01T00:00:01Z' } }, 'created_at < 1000'],
    [{ tier: { between: [1, 2] } }, '(tier >= 1) and (tier <= 2)'],
    [{ tier: { nin: [1, 2] } }, 'not (tier in [1, 2])'],
    [{ tier: { exists: true } }, 'entry_key != ""'],
    [{ memory_type: { startswith: 'ab' } }, '(memory_type >= "ab") and (memory_type < "ac")'],
    [{ memory_type: { startswith: '' } }, 'memory_type >= ""'],
    [{ session_id: 'a' }, '(session_id != "") and (session_id == "a")'],
    [{ session_id: { ne: 'a' } }, 'not ((session_id != "") and (session_id == "a"))'],
    [{ speaker: { exists: true } }, 'speaker != ""'],
    [{ speaker: { exists: false } }, 'not (speaker != "")'],
    [
      { occurred_at: { lt: '1970-01-01T00:00:01Z' } },
      '(occurred_at != -9007199254740991) and (occurred_at < 1000)',
    ],
    [{ tags: { exists: false } }, 'not (has_tags == true)'],
    [{ tags: { all: ['a'] } }, '(left_out == true) or (json_contains_all(tags["all"], ["a"]))'],
    [{ 'metadata.a': { exists: true } }, '(left_out == true) or (exists metadata["a"])'],
    [
      { 'metadata.a': { contains: 1 } },
      '(left_out == true) or (json_contains_any(metadata["a"], [1]))',
    ],
    [{ tags: 'a' }, '(left_out == true) or (json_contains_any(tags["all"], ["a"]))'],
    [{ 'metadata.a b.c': 'x"\n' }, '(left_out == true) or (metadata["a b"]["c"] == "x\\"\\n")'],
    [{ 'metadata.a': { ne: true } }, '(left_out == true) or (not (metadata["a"] == true))'],
    [{ 'metadata.a': 2 ** 60 }, '(left_out == true) or (metadata["a"] == 1.152921504606847e+18)'],
    [{ or: [{ tier: 1 }, { tier: 2 }] }, '(tier == 1) or (tier == 2)'],
    [{ not: { or: [{ tier: 1 }, { tier: 2 }] } }, '(not (tier == 1)) and (not (tier == 2))'],
    [{ not: { tier: 1, importance: 0 } }, '(not (tier == 1)) or (not (importance == 0))'],
    [
      { or: [1, 2, 3, 4, 5].map((tier) => ({ tier })) },
      '(((tier == 1) or (tier == 2)) or (tier == 3)) or ((tier == 4) or (tier == 5))',
    ],
  ])('says %j', (json, expected) => {
    expect(compiled(json)).toBe(expected);
  });

  it('restricts nothing where servers differ, and only widens what stands around it', () => {
    const unknowns = [
      { 'metadata.a': null },
      { 'metadata.a': { ne: null } },
      { 'metadata.a': { in: [1, null] } },
      { 'metadata.0': 1 },
      { 'metadata.a.-': 1 },
      { 'metadata.a]["b': 1 },
      { 'metadata.a\n': 1 },
      { 'metadata.a': { any: [1, null] } },
      { memory_type: { contains: 'a' } },
      { session_id: { contains: 'a' } },
    ];
    for (const unknown of unknowns) {
      expect(compiled(unknown)).toBeUndefined();
      expect(compiled({ not: unknown })).toBeUndefined();
      expect(compiled({ and: [{ tier: 1 }, unknown] })).toBe('tier == 1');
      expect(compiled({ or: [{ tier: 1 }, unknown] })).toBeUndefined();
      expect(compiled({ not: { and: [{ tier: 1 }, unknown] } })).toBeUndefined();
      expect(compiled({ not: { or: [{ tier: 1 }, unknown] } })).toBe('not (tier == 1)');
    }
  });

  it('lets every text pass that might contain another, and keeps out what surely does', () => {
    const isMember = 'json_contains_any(metadata["a"], ["x"])';
    expect(compiled({ 'metadata.a': { contains: 'x' } })).toBe(
      `(left_out == true) or ((${isMember}) or (metadata["a"] >= ""))`,
    );
    expect(compiled({ not: { 'metadata.a': { contains: 'x' } } })).toBe(
      `(left_out == true) or (not (${isMember}))`,
    );
  });

  it('parts what lists are asked for by type, all of it for all', () => {
    expect(compiled({ 'metadata.a': { any: ['x', 1, 2] } })).toContain(
      '(json_contains_any(metadata["a"], ["x"])) or (json_contains_any(metadata["a"], [1, 2]))',
    );
    expect(compiled({ 'metadata.a': { all: ['x', 1, 2] } })).toContain(
      '(json_contains_all(metadata["a"], ["x"])) and (json_contains_all(metadata["a"], [1, 2]))',
    );
    for (const op of ['any', 'all', 'nin']) {
      expect(compiled({ 'metadata.a': { [op]: [1] } }, LITE)).toBeUndefined();
    }
    expect(compiled({ 'metadata.a': { exists: true } }, LITE)).toBeUndefined();
  });

  it('says of a beginning just which texts have it', () => {
    const text = fc.string({ unit: 'binary' }).filter(isStorableText);
    const unquoted = (literal: string): string => JSON.parse(literal) as string;
    fc.assert(
      fc.property(text, text, fc.nat(3), (start, other, cut) => {
        const subject = fc.sample(
          fc.constantFrom(start + other, other, start.slice(0, cut)),
          1,
        )[0]!;
        const expression = compiled({ memory_type: { startswith: start } }) ?? '';
        const [low, high] = [...expression.matchAll(/(?:>=|<) ("(?:[^"\\]|\\.)*")/gs)].map(
          ([, literal = '""']) => unquoted(escapeControls(literal)),
        );
        const isWithin =
          Buffer.compare(Buffer.from(subject), Buffer.from(low!)) >= 0 &&
          (high === undefined || Buffer.compare(Buffer.from(subject), Buffer.from(high)) < 0);
        expect(isWithin).toBe(subject.startsWith(start));
      }),
      { numRuns: 2_000 },
    );
    expect(compiled({ memory_type: { startswith: '\ud7ff' } })).toContain('< "\ue000"');
    expect(compiled({ memory_type: { startswith: 'a\u{10ffff}' } })).toContain('< "b"');
    expect(compiled({ memory_type: { startswith: '\u{10ffff}' } })).toBe(
      'memory_type >= "\u{10ffff}"',
    );
  });

  it('parts the values of a list by type, or all where there are no such lists', () => {
    const json = { 'metadata.a': { in: ['x', 1, 2, 0.5, true, 'y'] } };
    const terms = [
      'metadata["a"] in ["x", "y"]',
      'metadata["a"] in [1, 2]',
      'metadata["a"] == 0.5',
    ];
    for (const term of terms) expect(compiled(json)).toContain(term);
    expect(compiled(json, LITE)).not.toContain(' in ');
    expect(compiled(json, LITE)?.split('metadata["a"] ==')).toHaveLength(7);
  });

  it('nests no deeper than a server reads, however long a filter is', () => {
    let json: unknown = { 'metadata.a': { in: Array.from({ length: 100 }, (_, n) => n) } };
    for (let level = 0; level < 8; level += 1) {
      json = {
        [level % 2 ? 'and' : 'or']: [
          ...Array(5).fill({ 'metadata.a': { ne: 'x' } }),
          { session_id: { startswith: 'x' }, 'metadata.a': { between: [1, 2] } },
          json,
        ],
      };
    }
    for (const dialect of [FULL, LITE]) {
      let depth = 0;
      const depths = [...(compiled(json, dialect) ?? '')].map((character) => {
        depth += character === '(' ? 1 : character === ')' ? -1 : 0;
        return depth;
      });
      expect(Math.max(...depths)).toBeLessThan(48);
    }
  });

  it('leaves out negated metadata terms where the logic is unsure, and only those', () => {
    expect(compiled({ 'metadata.a': { ne: 1 } }, LITE)).toBeUndefined();
    expect(compiled({ 'metadata.a': 1 }, LITE)).toBeDefined();
    expect(compiled({ tier: { ne: 1 } }, LITE)).toBe('not (tier == 1)');
    expect(compiled({ tags: { ne: 'a' } }, LITE)).toMatch(/not \(json_contains_any/);
  });
});
