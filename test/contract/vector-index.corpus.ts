import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { memoryId, tenantId, TenantScope } from '@soma/core';
import type { FilterableMemory } from '@soma/filter';
import type { IndexEntry } from '@soma/vector-index';

export const DIMENSION = 16;

export const aScope = (): TenantScope => TenantScope.of(tenantId(randomUUID()));

/** A unit vector, the same for the same seed. */
export function aVector(seed: number, dimension = DIMENSION): Float32Array {
  const raw = Array.from({ length: dimension }, (_, index) =>
    Math.sin((seed + 1) * 12.9898 + (index + 1) * 78.233 * ((seed % 97) + 1)),
  );
  const norm = Math.hypot(...raw);
  return Float32Array.from(raw, (value) => value / norm);
}

export const cosine = (left: Float32Array, right: Float32Array): number =>
  left.reduce((sum, value, index) => sum + value * right[index]!, 0);

export const attributesWith = (over: Partial<FilterableMemory> = {}): FilterableMemory => ({
  memory_type: 'episodic',
  tier: 0,
  importance: 0.5,
  created_at: 1_700_000_000_000,
  updated_at: 1_700_000_000_000,
  coordinate: '1,2,3',
  tags: [],
  metadata: {},
  ...over,
});

export const anEntry = (over: Partial<IndexEntry> = {}): IndexEntry => ({
  entryId: randomUUID(),
  memoryId: memoryId(randomUUID()),
  namespace: 'default',
  model: 'contract',
  vector: aVector(0),
  attributes: attributesWith(),
  ...over,
});

/** Texts that mean something to a parser, a store or a terminal. */
export const HOSTILE_TEXTS = [
  '" or tenant_id != "',
  "' or '1' == '1",
  'a") or (tenant_id like "%',
  '\\',
  '\\" or 1 == 1 or "\\',
  '%',
  '_',
  '\n',
  '\r\n',
  '\t',
  '\u2028\u2029',
  '\u0001\u001f\u007f\u0085',
  '\u{1f600}',
  '\ufffd\ufffe',
  'é',
  'e\u0301',
  '${x} {x} $meta',
  '][',
  '\\n',
  '\\u0022',
  '',
  ' ',
  'not in [1]',
];

const DAYS = [0, 86_400_000, 1_700_000_000_000, 1_700_000_000_001];
const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();
const TYPES = ['episodic', 'semantic', 'summary'];
const TAGS = ['red', 'green', 'a"b', '%'];
const KEYS = ['n', 's', 'b', 'mixed', 'nested.n', 'nested.s', 'none', 'a b', 'ü', 'a/b', 'a~b'];
const NUMBERS = [-5, -1.5, 0, 0.1, 1, 2, 1e21, 2 ** 53, 1e-7];
const STRINGS = ['', '1', 'a', 'b', 'zebra', '\ufffd', '\u{1f600}', 'a"b\\', 'line\nbreak'];

const scalar = fc.oneof(fc.constantFrom(...NUMBERS), fc.constantFrom(...STRINGS), fc.boolean());
const maybeNull = fc.oneof({ weight: 4, arbitrary: scalar }, fc.constant(null));

/** Metadata in which each key is now a number, now a string, now null, a list or missing. */
const metadata = fc.record(
  {
    n: fc.constantFrom(...NUMBERS),
    s: fc.constantFrom(...STRINGS),
    b: fc.boolean(),
    mixed: fc.oneof(maybeNull, fc.array(scalar, { maxLength: 2 }), fc.constant({ n: 1 })),
    nested: fc.oneof(
      fc.record({ n: maybeNull, s: maybeNull }, { requiredKeys: [] }),
      fc.array(scalar, { maxLength: 2 }),
      scalar,
    ),
    'a b': scalar,
    ü: scalar,
    'a/b': scalar,
    'a~b': scalar,
    'k"\\\n': scalar,
    '0': scalar,
  },
  { requiredKeys: [] },
);

export const attributes: fc.Arbitrary<FilterableMemory> = fc.record({
  memory_type: fc.constantFrom(...TYPES),
  tier: fc.integer({ min: 0, max: 3 }),
  importance: fc.constantFrom(0, 0.1, 0.30000000000000004, 0.5, 1),
  created_at: fc.constantFrom(...DAYS),
  updated_at: fc.constantFrom(...DAYS),
  coordinate: fc.constantFrom('1,2,3', '-0.5', '1e+21'),
  tags: fc.uniqueArray(fc.constantFrom(...TAGS), { maxLength: 3 }),
  metadata,
});

type Leaf = readonly [op: string, value: unknown];

const equalities = (value: fc.Arbitrary<unknown>): fc.Arbitrary<Leaf> =>
  fc.oneof(
    fc.tuple(fc.constantFrom('eq', 'ne'), value),
    fc.tuple(fc.constant('in'), fc.array(value, { minLength: 1, maxLength: 4 })),
  );

const comparisons = (
  value: fc.Arbitrary<unknown>,
  ordered: fc.Arbitrary<unknown> = value,
): fc.Arbitrary<Leaf> =>
  fc.oneof(equalities(value), fc.tuple(fc.constantFrom('gt', 'gte', 'lt', 'lte'), ordered));

const on = (field: string, leaf: fc.Arbitrary<Leaf>): fc.Arbitrary<object> =>
  leaf.map(([op, value]) => ({ [field]: { [op]: value } }));

const time = fc.constantFrom(...DAYS.map(iso));
const columns = fc.oneof(
  on('memory_type', comparisons(fc.constantFrom(...TYPES, '', 'f'))),
  on('tier', comparisons(fc.integer({ min: -1, max: 4 }))),
  on('importance', comparisons(fc.constantFrom(0, 0.1, 0.3, 0.30000000000000004, 1, -1, 1e-300))),
  on('created_at', comparisons(time)),
  on('updated_at', comparisons(time)),
  on('coordinate', equalities(fc.constantFrom('1.0,2,3', '-.5', '1e21', '9'))),
  on('tags', equalities(fc.constantFrom(...TAGS, 'none'))),
);

const onMetadata = (keys: readonly string[], value: fc.Arbitrary<unknown>): fc.Arbitrary<object> =>
  fc
    .constantFrom(...keys)
    .chain((key) =>
      on(`metadata.${key}`, comparisons(value, fc.constantFrom<unknown>(...NUMBERS, ...STRINGS))),
    );

const treeOf = (leaf: fc.Arbitrary<object>): fc.Arbitrary<object> =>
  fc.letrec<{ node: object }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      { weight: 3, arbitrary: leaf },
      { weight: 1, arbitrary: fc.record({ not: tie('node') }) },
      {
        weight: 1,
        arbitrary: fc.record({ and: fc.array(tie('node'), { minLength: 1, maxLength: 3 }) }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ or: fc.array(tie('node'), { minLength: 1, maxLength: 3 }) }),
      },
    ),
  })).node;

/** Filters that a full server answers exactly. */
export const plainFilters = treeOf(fc.oneof(columns, onMetadata(KEYS, scalar)));

/** The same with null, list positions and keys that need escapes. */
export const anyFilters = treeOf(
  fc.oneof(columns, onMetadata([...KEYS, '0', 'mixed.0', 'nested.1', 'k"\\\n', '-'], maybeNull)),
);
