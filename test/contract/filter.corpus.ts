import fc from 'fast-check';
import type { FilterableMemory } from '@soma/filter';

const DAYS = [0, 86_400_000, 1_700_000_000_000, 1_700_000_000_001];
const TIMES = [
  ...DAYS.map((milliseconds) => new Date(milliseconds).toISOString()),
  '2023-11-14T22:13:20.000500Z',
  '1969-12-31T23:59:59.999Z',
];
const TYPES = ['episodic', 'semantic', 'summary', 'procedural'];
const TAGS = ['red', 'green', 'a"b', '%', 'NULL', '{a,b}', '\\'];
const COORDINATES = ['1,2,3', '-0.5', '1e+21'];
const SESSIONS = ['s-1', 's-2', 's', 'S-1', '😀', '\u{10ffff}x', 'a"b\\'];
const SPEAKERS = ['Ada', 'ada', 'Al%', 'Z', 'é'];
const KEYS = ['n', 's', 'b', 'mixed', 'nested.n', 'nested.s', 'none', 'a b', 'ü', 'a/b', 'a~b'];
const LISTS = ['list', 'nested.list', 'mixed', 'nested', 's', 'none', 'ü'];
const AWKWARD_KEYS = ['0', 'mixed.0', 'nested.1', 'list.0', 'k"\\\n', '-'];
const NUMBERS = [-5, -1.5, 0, 0.1, 1, 2, 1e21, 2 ** 53, 1e-7];
const STRINGS = [
  '',
  '1',
  'a',
  'ab',
  'b',
  'zebra',
  '\ufffd',
  '😀',
  'a"b\\',
  'line\nbreak',
  '50%_',
  '\ud7ff',
  '\u{10ffff}x',
];
/** Beginnings and middles of the strings above, their like in another case, and what none has. */
const PARTS = ['', 'a', 'A', 'eb', 'z', '"b\\', '\n', '%', '_', '\ud7ff', '\u{10ffff}', '😀', 'q'];

const scalar = fc.oneof(fc.constantFrom(...NUMBERS), fc.constantFrom(...STRINGS), fc.boolean());
const maybeNull = fc.oneof({ weight: 4, arbitrary: scalar }, fc.constant(null));
const list = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: maybeNull },
    fc.constantFrom<unknown>([1], ['a'], { a: 1 }, [], {}),
  ),
  { maxLength: 4 },
);

/** Metadata in which each key is now a number, now a string, now null, a list or missing. */
const metadata = fc.record(
  {
    n: fc.constantFrom(...NUMBERS),
    s: fc.constantFrom(...STRINGS),
    b: fc.boolean(),
    list,
    mixed: fc.oneof(maybeNull, list, fc.constant({ n: 1 })),
    nested: fc.oneof(
      {
        weight: 2,
        arbitrary: fc.record({ n: maybeNull, s: maybeNull, list }, { requiredKeys: [] }),
      },
      list,
      scalar,
    ),
    'a b': scalar,
    ü: fc.oneof(scalar, list),
    'a/b': scalar,
    'a~b': scalar,
    'k"\\\n': fc.oneof(scalar, list),
    '0': fc.oneof(scalar, list),
  },
  { requiredKeys: [] },
);

const orNull = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> =>
  fc.option(value, { freq: 2 });

export const attributes: fc.Arbitrary<FilterableMemory> = fc.record({
  memory_type: fc.constantFrom(...TYPES),
  tier: fc.integer({ min: 0, max: 3 }),
  importance: fc.constantFrom(0, 0.1, 0.30000000000000004, 0.5, 1),
  trust: fc.constantFrom(0, 0.3, 0.5, 1),
  created_at: fc.constantFrom(...DAYS),
  updated_at: fc.constantFrom(...DAYS),
  coordinate: fc.constantFrom(...COORDINATES),
  tags: fc.uniqueArray(fc.constantFrom(...TAGS), { maxLength: 4 }),
  session_id: orNull(fc.constantFrom(...SESSIONS)),
  speaker: orNull(fc.constantFrom(...SPEAKERS)),
  occurred_at: orNull(fc.constantFrom(...DAYS, -62_135_596_800_000)),
  metadata,
});

/** Memories of one namespace, where no coordinate is taken twice; the same for the same seed. */
const someMemories = (count: number, seed: number): FilterableMemory[] =>
  fc
    .sample(attributes, { numRuns: count, seed })
    .map((memory, n) => ({ ...memory, coordinate: COORDINATES[n] ?? `${n}` }));

type Leaf = readonly [op: string, value: unknown];

const listOf = (value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown[]> =>
  fc.array(value, { minLength: 1, maxLength: 4 });

const equalities = (value: fc.Arbitrary<unknown>): fc.Arbitrary<Leaf> =>
  fc.oneof(
    fc.tuple(fc.constantFrom('eq', 'ne'), value),
    fc.tuple(fc.constantFrom('in', 'nin'), listOf(value)),
    fc.tuple(fc.constant('exists'), fc.boolean()),
  );

const comparisons = (
  value: fc.Arbitrary<unknown>,
  ordered: fc.Arbitrary<unknown> = value,
): fc.Arbitrary<Leaf> =>
  fc.oneof(
    { weight: 3, arbitrary: equalities(value) },
    { weight: 2, arbitrary: fc.tuple(fc.constantFrom('gt', 'gte', 'lt', 'lte'), ordered) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(ordered, ordered)
        .filter(([low, high]) => typeof low === typeof high)
        .map((bounds): Leaf => ['between', bounds]),
    },
  );

const beginnings = fc.tuple(fc.constant('startswith'), fc.constantFrom(...PARTS));
const containedTexts = fc.tuple(fc.constant('contains'), fc.constantFrom(...PARTS));
const members = (value: fc.Arbitrary<unknown>): fc.Arbitrary<Leaf> =>
  fc.tuple(fc.constantFrom('any', 'all'), listOf(value));

const on = (field: string, ...leaves: fc.Arbitrary<Leaf>[]): fc.Arbitrary<object> =>
  fc.oneof(...leaves).map(([op, value]) => ({ [field]: { [op]: value } }));

const onTexts = (...leaves: fc.Arbitrary<Leaf>[]): fc.Arbitrary<object> =>
  fc.oneof(
    on('memory_type', comparisons(fc.constantFrom(...TYPES, '', 'f')), ...leaves),
    on('session_id', comparisons(fc.constantFrom(...SESSIONS, '', 't')), ...leaves),
    on('speaker', comparisons(fc.constantFrom(...SPEAKERS, '', 'B')), ...leaves),
  );

const time = fc.constantFrom(...TIMES);
const tag = fc.constantFrom(...TAGS, 'none', 're');
const columns = fc.oneof(
  { weight: 3, arbitrary: onTexts(beginnings) },
  on('tier', comparisons(fc.integer({ min: -1, max: 4 }))),
  on('importance', comparisons(fc.constantFrom(0, 0.1, 0.3, 0.30000000000000004, 1, -1, 1e-300))),
  on('trust', comparisons(fc.constantFrom(0, 0.3, 0.5, 0.7, 1))),
  on('created_at', comparisons(time)),
  on('updated_at', comparisons(time)),
  on('occurred_at', comparisons(time)),
  on('coordinate', equalities(fc.constantFrom('1.0,2,3', '-.5', '1e21', '9', '17.0'))),
  {
    weight: 2,
    arbitrary: on('tags', equalities(tag), members(tag), fc.tuple(fc.constant('contains'), tag)),
  },
);

const onMetadata = (
  keys: readonly string[],
  value: fc.Arbitrary<unknown>,
  ...leaves: fc.Arbitrary<Leaf>[]
): fc.Arbitrary<object> =>
  fc
    .constantFrom(...keys)
    .chain((key) =>
      on(
        `metadata.${key}`,
        comparisons(value, fc.constantFrom<unknown>(...NUMBERS, ...STRINGS)),
        beginnings,
        members(value),
        ...leaves,
      ),
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

const notAText = scalar.filter((value) => typeof value !== 'string');
const containedScalars = (value: fc.Arbitrary<unknown>): fc.Arbitrary<Leaf> =>
  fc.tuple(fc.constant('contains'), value);

/** Filters that a full server answers exactly. */
export const plainFilters = treeOf(
  fc.oneof(
    columns,
    onMetadata(KEYS, scalar, containedScalars(notAText)),
    onMetadata(LISTS, scalar, containedScalars(notAText)),
  ),
);

/** The same with null, parts of texts, list positions and keys that need escapes. */
export const anyFilters = treeOf(
  fc.oneof(
    columns,
    onTexts(containedTexts),
    onMetadata([...KEYS, ...AWKWARD_KEYS], maybeNull, containedScalars(maybeNull), containedTexts),
    onMetadata([...LISTS, ...AWKWARD_KEYS], maybeNull, containedScalars(maybeNull), containedTexts),
  ),
);

const SEED = 11;

/** The corpus and the filters that every store is asked, the same in every run. */
export const differentialMemories = (): FilterableMemory[] => someMemories(300, SEED);

/** So many filters, no two of them alike; half of them such that a full server answers exactly. */
export function differentialFilters(count: number): { plain: object[]; any: object[] } {
  const seen = new Set<string>();
  const plain = unseen(plainFilters, count / 2, seen);
  return { plain, any: unseen(anyFilters, count / 2, seen) };
}

function unseen(filters: fc.Arbitrary<object>, count: number, seen: Set<string>): object[] {
  const found: object[] = [];
  for (let round = 0; found.length < count; round += 1) {
    for (const filter of fc.sample(filters, { numRuns: count, seed: SEED + round })) {
      const text = JSON.stringify(filter);
      if (!seen.has(text) && found.length < count) found.push(filter);
      seen.add(text);
    }
  }
  return found;
}
