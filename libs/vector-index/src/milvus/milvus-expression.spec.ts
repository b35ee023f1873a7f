import fc from 'fast-check';
import { SomaError, tenantId, TenantScope } from '@soma/core';
import { isStorableText, parseFilter } from '@soma/filter';
import { compileFilter, TenantExpression } from './milvus-expression.js';
import { serverFeatures } from './server-features.js';

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
        fc.constantFrom('eq', 'ne', 'lt'),
        (a, b, key, op) => {
          const filter = parseFilter({
            or: [
              { memory_type: { [op]: a } },
              { not: { tags: { in: [a, b] } } },
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
    const values = Array.from({ length: 100 }, () => '"\\\n'.repeat(50));
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
        [level % 2 ? 'and' : 'or']: [...Array(7).fill({ 'metadata.a': { ne: 'x' } }), json],
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
