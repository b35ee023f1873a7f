import fc from 'fast-check';
import type { TenantScope } from '@soma/core';
import { matchesFilter, parseFilter, type Filter } from '@soma/filter';
import type { IndexEntry, IndexHit, VectorIndex } from '@soma/vector-index';
import { anyFilters, attributes, plainFilters } from './filter.corpus.js';
import {
  aScope,
  aVector,
  anEntry,
  attributesWith,
  cosine,
  DIMENSION,
  HOSTILE_TEXTS,
  untilVisible,
} from './vector-index.corpus.js';

export interface VectorIndexUnderTest {
  /** A new index, as after a restart, over the data that earlier ones were given. */
  open(): Promise<VectorIndex>;
  /** Whether filters let only matching entries through, or at least those. */
  readonly filters: 'exact' | 'at least';
  /** Whether it fills itself from a source, which has what it drops. */
  readonly hasSource?: boolean;
  /** How many random filters to try; each costs a search. */
  readonly filterRuns: number;
}

const MODEL = 'contract';
const ALL = 1_000;

/** What every adapter of the VectorIndex port promises; the flat index is the reference. */
export function vectorIndexContract(given: VectorIndexUnderTest): void {
  const { open, filters, filterRuns, hasSource } = given;
  let sut: VectorIndex;
  let owner: TenantScope;
  let stranger: TenantScope;

  beforeAll(async () => {
    sut = await open();
  });
  afterAll(() => sut.close());
  beforeEach(() => {
    owner = aScope();
    stranger = aScope();
  });

  const settled = (models: Iterable<string> = [MODEL]): Promise<void> =>
    untilVisible(sut, owner, models);

  const store = async (entries: readonly IndexEntry[], scope = owner): Promise<void> => {
    await sut.insert(scope, entries);
    await settled(new Set(entries.map(({ model }) => model)));
  };

  const find = (
    over: { vector?: Float32Array; topK?: number; filter?: Filter; namespace?: string } = {},
    scope = owner,
  ): Promise<IndexHit[]> =>
    sut.search(scope, {
      namespace: 'default',
      model: MODEL,
      vector: aVector(0),
      topK: ALL,
      ...over,
    });

  const idsOf = (hits: readonly IndexHit[]): string[] =>
    hits.map(({ entryId }) => entryId).toSorted();
  const idsIn = (entries: readonly IndexEntry[]): string[] =>
    entries.map(({ entryId }) => entryId).toSorted();
  const count = (scope = owner, namespace = 'default'): Promise<number> =>
    sut.count(scope, { namespace, model: MODEL });
  const manyEntries = (length: number): IndexEntry[] =>
    Array.from({ length }, (_, seed) => anEntry({ vector: aVector(seed) }));

  describe('insert and search', () => {
    it('finds an entry with its memory and a score of 1, and no other tenant finds it', async () => {
      const entry = anEntry();
      await store([entry]);
      const { entryId, memoryId } = entry;
      const hits = await find();
      expect(hits).toEqual([{ entryId, memoryId, score: expect.closeTo(1, 5) }]);
      expect(await find({}, stranger)).toEqual([]);
    });

    it('scores by cosine to 1e-5, best first, from 1 to -1', async () => {
      const entries = manyEntries(40);
      entries.push(anEntry({ vector: aVector(0).map((value) => -value) }));
      await store(entries);
      const hits = await find();
      const scores = hits.map(({ score }) => score);
      const expected = new Map(
        entries.map(({ entryId, vector }) => [entryId, cosine(vector, aVector(0))]),
      );
      expect(idsOf(hits)).toEqual(idsIn(entries));
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      for (const { entryId, score } of hits) expect(score).toBeCloseTo(expected.get(entryId)!, 5);
      expect(Math.min(...scores)).toBeCloseTo(-1, 5);
      expect(scores.every((score) => score >= -1 && score <= 1)).toBe(true);
    });

    it('returns the topK nearest, or all where there are fewer', async () => {
      const entries = manyEntries(50);
      await store(entries);
      const all = await find();
      expect(all).toHaveLength(50);
      for (const topK of [1, 7, 50]) {
        const hits = await find({ topK });
        expect(hits.map(({ score }) => score)).toEqual(
          all.slice(0, topK).map(({ score }) => expect.closeTo(score, 5)),
        );
      }
    });

    it('keeps namespaces apart', async () => {
      const here = anEntry();
      const there = anEntry({ namespace: 'other' });
      await store([here, there]);
      expect(idsOf(await find())).toEqual([here.entryId]);
      expect(idsOf(await find({ namespace: 'other' }))).toEqual([there.entryId]);
      expect(idsOf(await find({ namespace: 'other' }, stranger))).toEqual([]);
      expect(await find({ namespace: 'none' })).toEqual([]);
      expect([await count(), await count(owner, 'other')]).toEqual([1, 1]);
    });

    it('keeps models apart, though their dimensions differ', async () => {
      const here = anEntry();
      const vector = aVector(1, DIMENSION / 2);
      const there = anEntry({ model: 'contract-small', vector });
      await store([here, there]);
      const query = { namespace: 'default', topK: 10 };
      expect(idsOf(await find())).toEqual([here.entryId]);
      expect(idsOf(await sut.search(owner, { ...query, model: 'contract-small', vector }))).toEqual(
        [there.entryId],
      );
      const unused = { ...query, model: 'contract-unused', vector };
      expect(await sut.search(owner, unused)).toEqual([]);
      expect(await sut.count(owner, unused)).toBe(0);
    });

    it('changes nothing when an entry is inserted again, in one call or another', async () => {
      const entry = anEntry();
      await sut.insert(owner, [entry, entry]);
      await store([entry]);
      await store([entry]);
      expect(idsOf(await find())).toEqual([entry.entryId]);
      expect(await count()).toBe(1);
    });

    it('holds the same entry id of two tenants as two entries', async () => {
      const mine = anEntry({ vector: aVector(1) });
      const theirs = { ...anEntry({ vector: aVector(2) }), entryId: mine.entryId };
      await sut.insert(owner, [mine]);
      await store([theirs], stranger);
      expect(await find()).toMatchObject([{ memoryId: mine.memoryId }]);
      expect(await find({}, stranger)).toMatchObject([{ memoryId: theirs.memoryId }]);
      await sut.remove(stranger, MODEL, [mine.entryId]);
      await settled();
      expect(await find()).toHaveLength(1);
      expect(await find({}, stranger)).toEqual([]);
    });

    it('takes no entries at all, and refuses a vector that is no vector', async () => {
      await sut.insert(owner, []);
      const broken = [
        new Float32Array(0),
        Float32Array.of(Number.NaN, 1),
        Float32Array.of(Infinity),
      ];
      for (const vector of broken) {
        await expect(sut.insert(owner, [anEntry({ vector })])).rejects.toThrow(RangeError);
      }
      expect(await count()).toBe(0);
    });
  });

  describe('remove', () => {
    it('removes for its own tenant only, and changes nothing when repeated', async () => {
      const [gone, kept] = [anEntry({ vector: aVector(1) }), anEntry({ vector: aVector(2) })];
      await store([gone, kept]);
      await sut.remove(stranger, MODEL, [gone.entryId, kept.entryId]);
      await sut.remove(owner, 'contract-unused', [gone.entryId]);
      await settled();
      expect(await find()).toHaveLength(2);
      await sut.remove(owner, MODEL, [gone.entryId]);
      await sut.remove(owner, MODEL, [gone.entryId, anEntry().entryId]);
      await sut.remove(owner, MODEL, []);
      await settled();
      expect(idsOf(await find())).toEqual([kept.entryId]);
      expect(await count()).toBe(1);
    });

    it('never brings back any of a thousand removed entries', async () => {
      const entries = manyEntries(1_100);
      await store(entries);
      expect(await count()).toBe(1_100);
      const gone = entries.slice(0, 1_000);
      await sut.remove(owner, MODEL, idsIn(gone));
      await settled();
      const kept = idsIn(entries.slice(1_000));
      expect(await count()).toBe(100);
      for (let seed = 0; seed < 20; seed += 1) {
        expect(idsOf(await find({ vector: aVector(seed) }))).toEqual(kept);
      }
    });
  });

  describe('filters', () => {
    let corpusOwner: TenantScope;
    let corpus: IndexEntry[];

    beforeAll(async () => {
      corpusOwner = aScope();
      corpus = fc
        .sample(attributes, { numRuns: 80, seed: 7 })
        .map((sampled, seed) => anEntry({ vector: aVector(seed), attributes: sampled }));
      const foreign = corpus.map((entry) => ({ ...entry, entryId: anEntry().entryId }));
      await sut.insert(corpusOwner, corpus);
      await store(foreign, aScope());
    });

    const matching = (filter: Filter): string[] =>
      idsIn(corpus.filter((entry) => matchesFilter(filter, entry.attributes)));

    const filtered = async (filter: Filter): Promise<string[]> =>
      idsOf(await find({ filter }, corpusOwner));

    const expectMatches = async (filter: Filter): Promise<void> => {
      const found = await filtered(filter);
      if (filters === 'exact') expect(found).toEqual(matching(filter));
      else expect(found).toEqual(expect.arrayContaining(matching(filter)));
      expect(idsIn(corpus)).toEqual(expect.arrayContaining(found));
    };

    it('lets through just what the reference does, for random filters', async () => {
      await fc.assert(
        fc.asyncProperty(plainFilters, async (json) => {
          await expectMatches(parseFilter(json));
        }),
        { numRuns: filterRuns, seed: 3 },
      );
    }, 300_000);

    it('keeps no matching entry out, also for null, list positions and awkward keys', async () => {
      await fc.assert(
        fc.asyncProperty(anyFilters, async (json) => {
          const filter = parseFilter(json);
          const found = await filtered(filter);
          expect(found).toEqual(expect.arrayContaining(matching(filter)));
          expect(idsIn(corpus)).toEqual(expect.arrayContaining(found));
        }),
        { numRuns: filterRuns, seed: 5 },
      );
    }, 300_000);

    it.each([
      { memory_type: { eq: 'semantic' } },
      { memory_type: { ne: 'semantic' } },
      { tier: { gt: 1 } },
      { tier: { gte: 1 } },
      { importance: { lt: 0.5 } },
      { importance: { lte: 0.5 } },
      { created_at: { gt: '2023-11-14T22:13:20Z' } },
      { coordinate: { in: ['1.0,2,3', '9'] } },
      { tags: { eq: 'a"b' } },
      { tags: { ne: '%' } },
      { tags: { in: ['red', 'green'] } },
      { tags: { nin: ['red', 'green'] } },
      { tags: { contains: 'red' } },
      { tags: { any: ['red', 'none'] } },
      { tags: { all: ['red', 'green'] } },
      { tags: { exists: false } },
      { tier: { between: [1, 2] } },
      { importance: { between: [0.1, 0.5] } },
      { memory_type: { startswith: 's' } },
      { session_id: 's-1' },
      { session_id: { ne: 's-1' } },
      { session_id: { lt: 's-2' } },
      { speaker: { startswith: 'A' } },
      { speaker: { exists: true } },
      { occurred_at: { lt: '2023-11-14T22:13:20.001Z' } },
      { occurred_at: { exists: false } },
      { 'metadata.list': { any: ['a', 1] } },
      { 'metadata.list': { all: ['a'] } },
      { 'metadata.list': { contains: 1 } },
      { not: { 'metadata.list': { any: ['a', 1] } } },
      { 'metadata.mixed': { exists: true } },
      { 'metadata.s': { startswith: 'a' } },
      { 'metadata.n': { between: [0, 1] } },
      { 'metadata.s': { eq: 'a"b\\' } },
      { 'metadata.n': { gte: 1 } },
    ])('holds %j, which some pass and not all', async (json) => {
      const filter = parseFilter(json);
      const expected = matching(filter);
      expect(expected.length).toBeGreaterThan(0);
      expect(expected.length).toBeLessThan(corpus.length);
      await expectMatches(filter);
    });

    it('takes a filter as long and as deep as the language allows', async () => {
      const mixed = Array.from({ length: 100 }, (_, n) => (n % 2 ? `v${n}` : n % 3 ? n : n / 8));
      const [few, many] = [mixed.slice(0, 7), mixed.slice(0, filters === 'exact' ? 100 : 10)];
      const term = { 'metadata.mixed': { in: few } };
      const long = [
        { or: Array(5).fill({ 'metadata.mixed': { in: many } }) },
        { or: Array(64).fill(term) },
        { and: Array(64).fill(term) },
        { not: { or: Array(64).fill({ memory_type: { in: few.map(String) } }) } },
      ];
      let deep: object = { tier: { ne: 9 } };
      for (let level = 0; level < 8; level += 1) {
        deep = level % 2 ? { and: [...Array(7).fill(term), deep] } : { or: [term, deep] };
      }
      for (const json of [...long, deep]) {
        const filter = parseFilter(json);
        await expectMatches(filter);
      }
    }, 300_000);

    it('gives the topK of those that match, not those that match of the topK', async () => {
      const filter = parseFilter({ tier: 3 });
      const hits = await find({ filter, topK: 2 }, corpusOwner);
      const nearest = (await find({ filter }, corpusOwner)).slice(0, 2);
      expect(idsOf(hits)).toEqual(idsOf(nearest));
      expect(hits).toHaveLength(2);
    });
  });

  describe('hostile texts', () => {
    it('are found as values of every kind of field, and let no other tenant in', async () => {
      const entries = HOSTILE_TEXTS.map((text, seed) =>
        anEntry({
          vector: aVector(seed),
          attributes: attributesWith({ memory_type: text, tags: [text], metadata: { text } }),
        }),
      );
      await sut.insert(stranger, [anEntry()]);
      await store(entries);
      for (const [index, text] of HOSTILE_TEXTS.entries()) {
        for (const field of ['memory_type', 'tags', 'metadata.text']) {
          const filter = parseFilter({ [field]: text });
          expect([text, idsOf(await find({ filter }))]).toEqual([text, [entries[index]!.entryId]]);
          const others = await find({ filter: { kind: 'not', filter } });
          const expected = idsIn(entries.toSpliced(index, 1));
          expect(idsIn(entries)).toEqual(expect.arrayContaining(idsOf(others)));
          expect(idsOf(others)).toEqual(expect.arrayContaining(expected));
          expect(await find({ filter }, stranger)).toEqual([]);
        }
      }
    }, 300_000);

    it('are namespaces like any other', async () => {
      const entries = HOSTILE_TEXTS.map((namespace) => anEntry({ namespace }));
      await store(entries);
      for (const { namespace, entryId } of entries) {
        expect(idsOf(await find({ namespace }))).toEqual([entryId]);
        expect(await find({ namespace }, stranger)).toEqual([]);
        expect(await count(owner, namespace)).toBe(1);
      }
    }, 300_000);

    it('open no door as keys of metadata', async () => {
      const keys = HOSTILE_TEXTS.filter((text) => text !== '' && !text.includes('.'));
      const entries = keys.map((key) =>
        anEntry({ attributes: attributesWith({ metadata: { [key]: 1 } }) }),
      );
      await sut.insert(stranger, [anEntry({ attributes: attributesWith({ metadata: { x: 1 } }) })]);
      await store(entries);
      for (const [index, key] of keys.entries()) {
        const filter = parseFilter({ [`metadata.${key}`]: 1 });
        const found = idsOf(await find({ filter }));
        expect(found).toContain(entries[index]!.entryId);
        expect(idsIn(entries)).toEqual(expect.arrayContaining(found));
      }
    }, 300_000);
  });

  it('never keeps out an entry for the size of its metadata', async () => {
    const large = { long: 'x'.repeat(70_000), n: 1 };
    const entry = anEntry({ attributes: attributesWith({ metadata: large, tags: ['a'] }) });
    await store([entry]);
    const matchingFilters = [
      { 'metadata.n': 1 },
      { 'metadata.n': { ne: 2 } },
      { not: { 'metadata.n': { gt: 1 } } },
      { tags: 'a' },
      { and: [{ tags: { ne: 'b' } }, { tier: 0 }] },
    ];
    for (const json of matchingFilters) {
      const filter = parseFilter(json);
      expect(idsOf(await find({ filter }))).toEqual([entry.entryId]);
      expect(await find({ filter }, stranger)).toEqual([]);
    }
    expect(await find({ filter: parseFilter({ tier: 1 }) })).toEqual([]);
  });

  it('counts at once what was inserted, for its own tenant', async () => {
    await sut.insert(owner, manyEntries(300));
    expect(await count()).toBe(300);
    expect(await count(stranger)).toBe(0);
  });

  describe('the ids of entries', () => {
    const page = (over: { after?: string; limit?: number } = {}, scope = owner) =>
      sut.entryIds(scope, { model: MODEL, limit: 10_000, ...over });

    const pages = async (limit: number, scope = owner): Promise<string[][]> => {
      const found = [await page({ limit }, scope)];
      while (found.at(-1)?.length === limit) {
        found.push(await page({ limit, after: found.at(-1)?.at(-1) }, scope));
      }
      return found;
    };

    it('come in order, page by page, and are of one tenant only', async () => {
      const [mine, theirs] = [manyEntries(700), manyEntries(120)];
      await sut.insert(owner, mine);
      await sut.insert(stranger, theirs);
      const found = await pages(150);
      expect(found.map(({ length }) => length)).toEqual([150, 150, 150, 150, 100]);
      expect(found.flat()).toEqual(idsIn(mine));
      expect((await pages(50, stranger)).flat()).toEqual(idsIn(theirs));
      expect(await page({}, aScope())).toEqual([]);
      expect(await page({ after: idsIn(mine).at(-1) })).toEqual([]);
    });

    it('are of all namespaces and of one model, and are counted alike', async () => {
      const entries = [anEntry(), anEntry({ namespace: 'other' }), anEntry({ namespace: '"' })];
      const ofOtherModel = anEntry({ model: 'contract-small', vector: aVector(1, 8) });
      await sut.insert(owner, [...entries, ofOtherModel]);
      expect(await page()).toEqual(idsIn(entries));
      expect(await sut.count(owner, { model: MODEL })).toBe(3);
      expect(await sut.count(owner, { model: 'contract-small' })).toBe(1);
      expect(await sut.entryIds(owner, { model: 'contract-unused', limit: 10 })).toEqual([]);
      expect(await page({}, stranger)).toEqual([]);
      expect(await sut.count(stranger, { model: MODEL })).toBe(0);
    });

    it('are the same whether or not a namespace was searched before', async () => {
      const entries = [anEntry(), anEntry({ namespace: 'other' })];
      await store(entries);
      await find();
      expect(await page()).toEqual(idsIn(entries));
      await find({ namespace: 'other' });
      expect(await page()).toEqual(idsIn(entries));
      expect(await page({}, stranger)).toEqual([]);
    });

    it('no longer name what was removed, and name what another tenant removed', async () => {
      const [gone, kept] = [anEntry(), anEntry()];
      await sut.insert(owner, [gone, kept]);
      await sut.remove(owner, MODEL, [gone.entryId]);
      await sut.remove(stranger, MODEL, [kept.entryId]);
      expect(await page()).toEqual([kept.entryId]);
      expect(await sut.count(owner, { model: MODEL })).toBe(1);
    });
  });

  if (!hasSource) {
    it('holds an entry by its own id and by its memory, for its own tenant, until it is removed', async () => {
      const [first, second, other] = [anEntry(), anEntry(), anEntry()];
      await store([first, second, other]);
      await store([anEntry()], stranger);
      const sought = { model: MODEL, entryIds: [first.entryId], memoryIds: [second.memoryId] };
      expect((await sut.held(owner, sought)).toSorted()).toEqual(idsIn([first, second]));
      expect(await sut.held(stranger, sought)).toEqual([]);
      await sut.remove(owner, MODEL, idsIn([first, second]));
      expect(await sut.held(owner, sought)).toEqual([]);
      expect(await count()).toBe(1);
    });

    it('clears all that a tenant has, and nothing of another', async () => {
      await store(manyEntries(3));
      await store([anEntry({ model: 'contract-2' }), anEntry({ namespace: 'elsewhere' })]);
      await store([anEntry()], stranger);
      expect(await sut.clear(owner)).toBe(5);
      expect(await sut.clear(owner)).toBe(0);
      expect([await count(), await count(owner, 'elsewhere'), await count(stranger)]).toEqual([
        0, 0, 1,
      ]);
    });
  }

  it('has everything after a restart', async () => {
    const entries = manyEntries(5);
    await store(entries);
    const restarted = await open();
    const query = { namespace: 'default', model: MODEL, vector: aVector(0), topK: ALL };
    await restarted.check();
    expect(idsOf(await restarted.search(owner, query))).toEqual(idsIn(entries));
    expect(await restarted.search(stranger, query)).toEqual([]);
    await restarted.remove(owner, MODEL, [entries[0]!.entryId]);
    expect(await restarted.count(owner, query)).toBe(4);
    await restarted.close();
  });

  it('passes its check', async () => {
    await expect(sut.check()).resolves.toBeUndefined();
  });
}
