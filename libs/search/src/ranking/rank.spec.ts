import fc from 'fast-check';
import { inputOf, memoryOf } from './ranking-input.fixture.js';
import type { RankingInput, RankingMemory } from './ranking-input.js';
import { rankMemories, recomputeScore } from './rank.js';
import { RANKING_WITH_MODEL, RANKING_WITHOUT_MODEL } from './recipes.js';
import { TextCache } from './text-cache.js';

const recipe = fc.constantFrom(RANKING_WITHOUT_MODEL, RANKING_WITH_MODEL);
const TERMS = ['kettl', 'boat'].map((lexeme, i) => ({
  lexeme,
  frequency: 1,
  memories: 3,
  sessions: 2,
  sentences: [i],
}));
const said = fc.record({
  session: fc.constantFrom(0, 1, 2),
  speaker: fc.constantFrom(undefined, 'Ines', 'Tariq'),
  words: fc.array(
    fc.constantFrom('kettle', 'boat', 'yesterday', 'I', '1984', 'Lisbon', 'why?', 'paint'),
    { minLength: 1, maxLength: 9 },
  ),
  cosine: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
  candidate: fc.boolean(),
});
type Said = typeof said extends fc.Arbitrary<infer T> ? T : never;
/** So few that no cut-off of the second pass bites. */
const conversation = fc.array(said, { maxLength: 8 });
const text = fc.constantFrom(
  '',
  'When did Ines paint the boat?',
  'kettle. boat!',
  'last May in 2022',
);

const count = (words: readonly string[], word: string): number =>
  words.filter((one) => one === word).length;

/** Memories in the order given, numbered by `ids` and linked within their sessions. */
function inputFrom(given: readonly Said[], query: string, ids: readonly number[]): RankingInput {
  const memories = given.map(({ words, session, ...rest }, i): RankingMemory => {
    const fellows = [...given.keys()].filter((other) => given[other]!.session === session);
    const place = fellows.indexOf(i);
    return memoryOf({
      ...rest,
      id: `m${ids[i]}`,
      session,
      content: words.join(' '),
      length: words.length,
      frequencies: [count(words, 'kettle'), count(words, 'boat')],
      previous: fellows[place - 1] ?? -1,
      next: fellows[place + 1] ?? -1,
    });
  });
  const sessions = [0, 1, 2].map((age) => {
    const words = given.flatMap((one) => (one.session === age ? one.words : []));
    const frequencies = [count(words, 'kettle'), count(words, 'boat')];
    return { frequencies, length: words.length, age };
  });
  return inputOf(memories, {
    query: { text: query, terms: TERMS, at: Date.UTC(2023, 5) },
    sessions,
  });
}

const scoresOf = (ranked: readonly { id: string; score: number }[]): Map<string, number> =>
  new Map(ranked.map(({ id, score }) => [id, score]));

describe(rankMemories.name, () => {
  it('gives every candidate once, best first, and no context', () => {
    fc.assert(
      fc.property(conversation, text, recipe, (given, query, weights) => {
        const input = inputFrom(given, query, [...given.keys()]);
        const ranked = rankMemories(input, weights);
        const candidates = input.memories.filter(({ candidate }) => candidate).map(({ id }) => id);
        expect(ranked.map(({ id }) => id).sort()).toEqual(candidates.sort());
        const scores = ranked.map(({ score }) => score);
        expect(scores).toEqual([...scores].sort((left, right) => right - left));
      }),
    );
  });

  it('explains a score: its parts and their sum reproduce it to 1e-9', () => {
    fc.assert(
      fc.property(conversation, text, recipe, (given, query, weights) => {
        for (const { score, explanation } of rankMemories(
          inputFrom(given, query, [...given.keys()]),
          weights,
          { explain: true },
        )) {
          expect(Math.abs(recomputeScore(explanation) - score)).toBeLessThan(1e-9);
          const sum = explanation.reduce((total, { contribution }) => total + contribution, 0);
          expect(Math.abs(sum - score)).toBeLessThan(1e-9);
          const numbers = explanation.flatMap(({ raw, value }) => [raw, value]);
          expect(numbers.every(Number.isFinite)).toBe(true);
        }
      }),
    );
  });

  it('gives the score of an explained search to the last bit, and explains only when asked', () => {
    fc.assert(
      fc.property(conversation, text, recipe, (given, query, weights) => {
        const input = inputFrom(given, query, [...given.keys()]);
        const explained = rankMemories(input, weights, { explain: true });
        const bare = rankMemories(input, weights);
        expect(bare.every(({ explanation }) => explanation.length === 0)).toBe(true);
        expect(scoresOf(bare)).toEqual(scoresOf(explained));
        for (const { score, explanation } of explained) {
          expect(recomputeScore(explanation)).toBe(score);
        }
      }),
    );
  });

  it('gives the same scores whatever its cache has read before', () => {
    const cache = new TextCache(4);
    fc.assert(
      fc.property(conversation, text, recipe, (given, query, weights) => {
        const input = inputFrom(given, query, [...given.keys()]);
        const fresh = rankMemories(input, weights);
        expect(rankMemories(input, weights, { cache })).toEqual(fresh);
        expect(rankMemories(input, weights, { cache })).toEqual(fresh);
      }),
    );
  });

  it('tells what was measured beside what is weighed', () => {
    const memories = [
      memoryOf({ id: 'much', session: -1, frequencies: [3], cosine: 0.8, length: 12 }),
      memoryOf({ id: 'less', session: -1, frequencies: [1], cosine: 0.2, length: 12 }),
    ];
    const [, less] = rankMemories(inputOf(memories), RANKING_WITH_MODEL, { explain: true });
    const part = (name: string) => less?.explanation.find(({ feature }) => feature === name);
    expect(less?.id).toBe('less');
    expect(part('cosine')).toMatchObject({ raw: 0.2, value: 0 });
    expect(part('length')).toMatchObject({ raw: 12, value: Math.log(13) / 4 });
    expect(part('sentence')!.raw).toBeGreaterThan(part('sentence')!.value);
    expect(part('date')).toMatchObject({ raw: 0, value: 0 });
  });

  it('ranks a memory that the query names above better words', () => {
    const memories = [
      memoryOf({ id: 'words', session: -1, frequencies: [3] }),
      memoryOf({ id: 'named', session: -1, exact: 1 }),
    ];
    const ranked = rankMemories(inputOf(memories), RANKING_WITHOUT_MODEL);
    expect(ranked.map(({ id }) => id)).toEqual(['named', 'words']);
  });

  it('does not depend on how sessions are laid among each other', () => {
    fc.assert(
      fc.property(conversation, text, recipe, (given, query, weights) => {
        const ids = [...given.keys()];
        const turned = ids.toSorted((a, b) => given[b]!.session - given[a]!.session || a - b);
        const straight = scoresOf(rankMemories(inputFrom(given, query, ids), weights));
        const other = scoresOf(
          rankMemories(
            inputFrom(
              turned.map((i) => given[i]!),
              query,
              turned,
            ),
            weights,
          ),
        );
        expect([...other.keys()].sort()).toEqual([...straight.keys()].sort());
        for (const [id, score] of straight) expect(other.get(id)).toBeCloseTo(score, 6);
      }),
    );
  });

  it('orders equal scores by id, in whatever order they come', () => {
    const alike = ['c', 'a', 'b'].map((id) => memoryOf({ id, session: -1 }));
    const ranked = rankMemories(inputOf(alike), RANKING_WITHOUT_MODEL);
    expect(ranked.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  });

  it('ranks what has the word above what has not, and its neighbour above a stranger', () => {
    const memories = [
      memoryOf({ id: 'stranger', session: -1 }),
      memoryOf({ id: 'neighbour', session: -1, next: 2 }),
      memoryOf({ id: 'hit', session: -1, previous: 1, frequencies: [1] }),
    ];
    const ranked = rankMemories(inputOf(memories), RANKING_WITHOUT_MODEL);
    expect(ranked.map(({ id }) => id)).toEqual(['hit', 'neighbour', 'stranger']);
  });

  it('ranks what is linked to a hit above a stranger, by the strength of the link', () => {
    const link = (strength: number) => ({ links: [{ memory: 0, strength }] });
    const memories = [
      memoryOf({ id: 'hit', session: -1, frequencies: [1] }),
      memoryOf({ id: 'stranger', session: -1 }),
      memoryOf({ id: 'weak', session: -1, ...link(0.1) }),
      memoryOf({ id: 'strong', session: -1, ...link(1) }),
    ];
    const ranked = rankMemories(inputOf(memories), RANKING_WITHOUT_MODEL);
    expect(ranked.map(({ id }) => id)).toEqual(['hit', 'strong', 'weak', 'stranger']);
  });

  it('does not put a hit behind a lesser one because it stands in no session', () => {
    const memories = [
      memoryOf({ id: 'in a session', frequencies: [1], cosine: 0.4 }),
      memoryOf({ id: 'in none', session: -1, frequencies: [2], cosine: 0.5 }),
    ];
    for (const weights of [RANKING_WITHOUT_MODEL, RANKING_WITH_MODEL]) {
      expect(rankMemories(inputOf(memories), weights)[0]?.id).toBe('in none');
    }
  });

  it("ranks a user's words above an assistant's, other things being equal", () => {
    const memories = ['assistant', 'user'].map((speaker) =>
      memoryOf({ id: speaker, session: -1, speaker, frequencies: [1] }),
    );
    const ranked = rankMemories(inputOf(memories), RANKING_WITHOUT_MODEL);
    expect(ranked.map(({ id }) => id)).toEqual(['user', 'assistant']);
  });

  it('ranks a long memory by its best passage, not by words far apart', () => {
    const filler = 'and then some more '.repeat(60);
    const long = { session: -1, length: 60, frequencies: [1, 1] };
    const memories = [
      memoryOf({ id: 'apart', ...long, content: `kettle ${filler} boat` }),
      memoryOf({ id: 'close', ...long, content: `${filler} a kettle on a boat` }),
    ];
    const query = { text: 'kettle boat', terms: TERMS.map((one) => ({ ...one, sentences: [0] })) };
    const ranked = rankMemories(inputOf(memories, { query }), RANKING_WITHOUT_MODEL);
    expect(ranked.map(({ id }) => id)).toEqual(['close', 'apart']);
  });

  it('ranks Chinese by pairs of characters, and knows who is asked about', () => {
    const memories = [
      memoryOf({
        id: 'other',
        speaker: '李华',
        content: '我喜欢茶',
        session: -1,
        frequencies: [1],
      }),
      memoryOf({
        id: 'asked',
        speaker: '小明',
        content: '我喜欢茶',
        session: -1,
        frequencies: [1],
      }),
    ];
    const term = { lexeme: '喜欢', frequency: 1, memories: 2, sessions: 1, sentences: [0] };
    const query = { text: '小明喜欢什么？', terms: [term] };
    const ranked = rankMemories(inputOf(memories, { query }), RANKING_WITHOUT_MODEL);
    expect(ranked.map(({ id }) => id)).toEqual(['asked', 'other']);
  });

  it('gives finite scores to an empty query, and nothing to no candidates', () => {
    const query = { text: '', terms: [] };
    const totals = { memories: 0, sessions: 0, averageLength: 0, averageSessionLength: 0 };
    const empty = { query, totals, sessions: [] };
    const bare = memoryOf({ session: -1, content: '', length: 0, frequencies: [] });
    expect(rankMemories(inputOf([], empty), RANKING_WITH_MODEL)).toEqual([]);
    expect(rankMemories(inputOf([{ ...bare, candidate: false }]), RANKING_WITH_MODEL)).toEqual([]);
    const [only] = rankMemories(inputOf([bare], empty), RANKING_WITH_MODEL);
    expect(Number.isFinite(only?.score)).toBe(true);
  });
});
