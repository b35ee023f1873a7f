import { recompute, type SearchResponse } from '@soma/search';
import { type Client, type Service, startService } from './service.js';

const TALK = [
  ['Ada', 'Where did you leave the red kayak?'],
  ['Ben', 'Down at the boathouse, behind the paddles.'],
  ['Ada', 'Good. My sister visits in May and wants to try it.'],
  ['Ben', 'Tell her the lake is cold until June.'],
] as const;
const ASIDES = ['Rain again.', 'The bread is in the oven.', 'Taxes are due.', 'A cat sat there.'];
const RECIPES = ['context', 'hybrid', 'rrf', 'dense', 'lexical'];

describe('search with explanation', () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;

  beforeAll(async () => {
    service = await startService();
    [ours, theirs] = [await service.tenant(), await service.tenant()];
    const talk = TALK.map(([speaker, content], at) => ({
      coord: String(at),
      content,
      speaker,
      session_id: 'lake',
      occurred_at: `2026-03-02T10:0${at}:00Z`,
      tags: at === 1 ? ['boat-house'] : [],
    }));
    const asides = ASIDES.map((content, at) => ({
      coord: `9,${at}`,
      content,
      session_id: `${at}`,
    }));
    await ours.storeAll([...talk, ...asides]);
    await theirs.storeAll([
      { coord: '1', content: 'The red kayak is theirs.', session_id: 'lake' },
    ]);
  });
  afterAll(() => service.close());

  describe.each(RECIPES)('by recipe %s', (recipe) => {
    it('can be recomputed to 1e-9 from its explanation alone', async () => {
      const { memories } = await ours.search('the red kayak', { recipe, explain: true });
      expect(memories.length).toBeGreaterThan(0);
      for (const { score, explanation } of memories) {
        if (!explanation) throw new Error('A result has no explanation.');
        expect(Math.abs(recompute(explanation) - score)).toBeLessThan(1e-9);
        expect(explanation.score).toBe(score);
        expect(explanation.found_by.length).toBeGreaterThan(0);
        for (const { value, weight, contribution } of explanation.contributions) {
          expect(contribution).toBeCloseTo(value * weight, 9);
        }
      }
    });

    it('returns and explains nothing of another tenant', async () => {
      const { memories } = await theirs.search('the red kayak', {
        recipe,
        explain: true,
        top_k: 99,
      });
      expect(memories.map(({ content }) => content)).toEqual(['The red kayak is theirs.']);
      expect(JSON.stringify(memories)).not.toContain('boathouse');
    });
  });

  it('P6 takes extra text into account, below the query itself', async () => {
    const plain = await ours.search('what about it?', { recipe: 'hybrid' });
    const told = await ours.search('what about it?', {
      recipe: 'hybrid',
      context: 'The bread smells good.',
    });
    expect(plain.memories[0]?.content).not.toBe('The bread is in the oven.');
    expect(told.memories[0]?.content).toBe('The bread is in the oven.');
    const asked = await ours.search('the red kayak', { context: 'The bread smells good.' });
    expect(asked.memories[0]?.coordinate).toMatch(/^[01]$/);
    expect((await theirs.search('what about it?', { context: 'bread' })).memories).toHaveLength(1);
  });

  it('explains only when asked', async () => {
    const { memories } = await ours.search('the red kayak');
    expect(memories.every((memory) => !('explanation' in memory))).toBe(true);
  });

  it('P6 finds an answer by the question before it, in its session', async () => {
    const { memories } = await ours.search('Where is the red kayak?', { explain: true, top_k: 2 });
    expect(memories.map(({ coordinate }) => coordinate).sort()).toEqual(['0', '1']);
    const answer = memories.find(({ coordinate }) => coordinate === '1');
    const surroundings = answer?.explanation?.contributions.find(
      ({ feature }) => feature === 'surroundings',
    );
    expect(surroundings?.contribution).toBeGreaterThan(0);
  });

  it.each([
    ['a tag', '#boat-house', '1'],
    ['a tag in other words', 'anything about the boat house?', '1'],
    ['a coordinate', 'what was at 9,2', '9,2'],
  ])('finds %s that the query names exactly', async (_, query, coordinate) => {
    const { memories } = await ours.search(query, { explain: true });
    expect(memories[0]?.coordinate).toBe(coordinate);
    expect(memories[0]?.explanation?.found_by).toContainEqual({ arm: 'exact' });
  });

  it('finds by id, and never by the id of another tenant', async () => {
    const { id } = await ours.read('3');
    expect((await ours.search(`memory ${id}`)).memories[0]?.id).toBe(id);
    expect((await theirs.search(`memory ${id}`)).memories.map((memory) => memory.id)).not.toContain(
      id,
    );
  });

  it('says where the time went', async () => {
    const { stages_ms, took_ms } = await ours.search('the red kayak');
    expect(Object.keys(stages_ms).sort()).toEqual(['arms', 'context', 'embed', 'rank', 'read']);
    const sum = Object.values(stages_ms).reduce((total, ms) => total + ms, 0);
    expect(sum).toBeLessThanOrEqual(took_ms + 0.1);
  });

  describe('min_score', () => {
    it('leaves out results that score less', async () => {
      const all = await ours.search('the red kayak');
      const least = all.memories[1]?.score ?? 0;
      const some = await ours.search('the red kayak', { min_score: { final: least } });
      expect(some.memories).toHaveLength(2);
    });

    it.each([
      ['dense', 0.999],
      ['lexical', 1_000],
    ])('keeps the %s arm from bringing up what it scores less', async (arm, least) => {
      const { memories } = await ours.search('the red kayak', {
        min_score: { [arm]: least },
        explain: true,
      });
      const arms = memories.flatMap(({ explanation }) => explanation?.found_by ?? []);
      const silenced = arm === 'dense' ? ['dense', 'fresh'] : [arm];
      expect(arms.filter((by) => silenced.includes(by.arm))).toEqual([]);
    });
  });

  it('puts what repeats a result above it later, when diversity is asked for', async () => {
    const copies = ['7,1', '7,2', '7,3'].map((coord) => ({
      coord,
      namespace: 'copies',
      content: 'The harbour opens at six in summer.',
    }));
    const other = { coord: '8', namespace: 'copies', content: 'The harbour office sells maps.' };
    await ours.storeAll([...copies, other]);
    const places = async (diversity: number) => {
      const options = { namespace: 'copies', diversity, recipe: 'hybrid' };
      const { memories } = await ours.search('When does the harbour open in summer?', options);
      return memories.findIndex(({ coordinate }) => coordinate === '8');
    };
    expect(await places(0)).toBe(3);
    expect(await places(0.6)).toBe(1);
  });

  it('stops before the contents have more tokens than max_tokens, and says how many they have', async () => {
    const all = await ours.search('the red kayak', { max_tokens: 1_000 });
    expect(all.tokens).toBeGreaterThan(20);
    const few = await ours.search('the red kayak', { max_tokens: 20 });
    expect(few.tokens).toBeLessThanOrEqual(20);
    expect(few.memories.length).toBeLessThan(all.memories.length);
    expect(few.memories.map(({ id }) => id)).toEqual(
      all.memories.slice(0, few.memories.length).map(({ id }) => id),
    );
    expect((await ours.search('the red kayak', { max_tokens: 1 })).memories).toEqual([]);
  });

  it('answers each search of a batch as if it were asked alone', async () => {
    const searches = [{ query: 'the red kayak' }, { query: ' ' }, { query: 'x', filter: { a: 1 } }];
    const answer = await ours.post<{
      results: { status: number; answer?: SearchResponse; error?: { code: string } }[];
    }>('/memories/search/batch', { searches });
    expect(answer.status).toBe(200);
    const [first, second, third] = answer.body.results;
    const alone = await ours.search('the red kayak');
    expect(first?.answer?.memories).toEqual(alone.memories);
    expect(second).toMatchObject({ status: 400, error: { code: 'VALIDATION_FAILED' } });
    expect(third).toMatchObject({ status: 400, error: { code: 'FILTER_INVALID' } });
  });

  it.each([
    ['an unknown recipe', { recipe: 'magic' }, 'recipe'],
    ['a diversity above 1', { diversity: 2 }, 'diversity'],
    ['diversity over too many results', { diversity: 0.5, top_k: 500 }, 'top_k'],
    ['no token at all', { max_tokens: 0 }, 'max_tokens'],
    ['a moment that is none', { at: 'yesterday' }, 'at'],
    ['an unknown arm', { min_score: { colour: 1 } }, 'min_score'],
    ['too many results', { top_k: 1_001 }, 'top_k'],
  ])('refuses %s, naming the field', async (_, options, path) => {
    const { status, body } = await ours.post<{ code: string; errors: { path: string }[] }>(
      '/memories/search',
      { query: 'kayak', ...options },
    );
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'VALIDATION_FAILED' });
    expect(body.errors.map((error) => error.path)).toContain(path);
  });
});
