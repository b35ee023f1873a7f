import fc from 'fast-check';
import { SomaError, tenantId, TenantScope } from '@soma/core';
import { isStorableText, parseFilter } from '@soma/filter';
import { compileFilter, TenantExpression } from './milvus-expression.js';
import type { FilterLogic } from './server-features.js';

const TENANT = '0198c0de-0000-7000-8000-000000000001';
const SCOPE = TenantScope.of(tenantId(TENANT));
const TENANT_TERM = `tenant_id == "${TENANT}"`;

interface Shape {
  /** The expression with every string emptied. */
  readonly bare: string;
  /** Conjuncts outside all brackets, strings in place. */
  readonly conjuncts: readonly string[];
}

/** Reads an expression as the servers' lexers do; throws where a string or bracket stays open. */
function shapeOf(expression: string): Shape {
  const tokens = expression.match(/"(?:[^"\\\n\r]|\\["\\nr])*"|[^"]/gs) ?? [];
  if (tokens.join('') !== expression || tokens.includes('"'))
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
          for (const logic of ['two-valued', 'unsure'] satisfies FilterLogic[]) {
            const { text } = TenantExpression.of(SCOPE, a, { filter, logic });
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

  it('compiles the largest filter in milliseconds', () => {
    const values = Array.from({ length: 100 }, () => '"\\\n'.repeat(2_000));
    const filter = parseFilter({ or: Array(64).fill({ 'metadata.a': { in: values } }) });
    const started = performance.now();
    const { text } = TenantExpression.of(SCOPE, 'default', { filter, logic: 'two-valued' });
    expect(text.endsWith(TENANT_TERM)).toBe(true);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it.each(['a\0b', '\ud800', 'x\udfff'])('refuses %j, which no store can hold', (text) => {
    expect(() => TenantExpression.of(SCOPE, text)).toThrow(SomaError);
  });
});

describe(compileFilter.name, () => {
  const compiled = (json: unknown, logic: FilterLogic = 'two-valued'): string | undefined =>
    compileFilter(parseFilter(json), logic);

  it.each([
    [{ tier: 1 }, '(tier == 1)'],
    [{ tier: { ne: 1 } }, 'not (tier == 1)'],
    [{ not: { tier: { ne: 1 } } }, '(tier == 1)'],
    [{ importance: { gte: 1e-7 } }, '(importance >= 1e-7)'],
    [{ tier: { in: [1, 2] } }, '(tier in [1, 2])'],
    [{ created_at: { lt: '1970-01-01T00:00:01Z' } }, '(created_at < 1000)'],
    [{ tags: 'a' }, 'left_out == true or (json_contains_any(tags["all"], ["a"]))'],
    [{ 'metadata.a b.c': 'x"\n' }, 'left_out == true or (metadata["a b"]["c"] == "x\\"\\n")'],
    [{ 'metadata.a': { ne: true } }, 'left_out == true or not (metadata["a"] == true)'],
    [{ 'metadata.a': 2 ** 60 }, 'left_out == true or (metadata["a"] == 1.152921504606847e+18)'],
    [{ or: [{ tier: 1 }, { tier: 2 }] }, '((tier == 1)) or ((tier == 2))'],
    [{ not: { or: [{ tier: 1 }, { tier: 2 }] } }, '(not (tier == 1)) and (not (tier == 2))'],
    [{ not: { tier: 1, tags: 'a' } }, /^\(not \(tier == 1\)\) or \(left_out == true or not/],
  ])('says %j', (json, expected) => {
    if (expected instanceof RegExp) expect(compiled(json)).toMatch(expected);
    else expect(compiled(json)).toBe(expected);
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
      expect(compiled({ and: [{ tier: 1 }, unknown] })).toBe('((tier == 1))');
      expect(compiled({ or: [{ tier: 1 }, unknown] })).toBeUndefined();
      expect(compiled({ not: { and: [{ tier: 1 }, unknown] } })).toBeUndefined();
      expect(compiled({ not: { or: [{ tier: 1 }, unknown] } })).toBe('(not (tier == 1))');
    }
  });

  it('leaves out negated metadata terms where the logic is unsure, and only those', () => {
    expect(compiled({ 'metadata.a': { ne: 1 } }, 'unsure')).toBeUndefined();
    expect(compiled({ 'metadata.a': 1 }, 'unsure')).toBeDefined();
    expect(compiled({ tier: { ne: 1 } }, 'unsure')).toBe('not (tier == 1)');
    expect(compiled({ tags: { ne: 'a' } }, 'unsure')).toMatch(/not \(json_contains_any/);
  });
});
