import { problem } from './http.js';
import { type Client, type Service, startService } from './service.js';

const CITIES = [
  'Oslo',
  'Lima',
  'Quito',
  'Hanoi',
  'Accra',
  'Minsk',
  'Perth',
  'Turin',
  'Sofia',
  'Dakar',
];
const FACTS = [
  'opened a bakery',
  'lost an umbrella',
  'fixed a tram',
  'painted a bridge',
  'sold a cello',
];

describe('search', () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;

  beforeAll(async () => {
    service = await startService();
    [ours, theirs] = [await service.tenant(), await service.tenant()];
    await ours.storeAll([
      { coord: '1', content: 'The user prefers green tea over coffee.', memory_type: 'semantic' },
      { coord: '2', content: 'The train to Hamburg departs at seven.' },
      { coord: '3', content: 'Green paint for the garden fence was ordered.' },
      { coord: '4', content: 'How to brew tea: water at 80 degrees.', memory_type: 'procedural' },
      { coord: '5', content: '我喜欢在早上喝绿茶。' },
      { coord: '6', content: 'Party tonight 🎉🎂' },
    ]);
    await theirs.storeAll([
      { coord: '1', content: 'Their green tea recipe is secret.', tags: ['foreign'] },
    ]);
  });
  afterAll(() => service.close());

  const coordinates = async (client: Client, query: string, options?: Record<string, unknown>) =>
    (await client.search(query, options)).memories.map(({ coordinate }) => coordinate);

  it('P5 finds memories by meaning and words, best first, with scores from 0 to 1', async () => {
    const { memories, partial, took_ms } = await ours.search('Does the user like green tea?');
    expect(memories[0]).toMatchObject({ coordinate: '1', memory_type: 'semantic' });
    const scores = memories.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(scores.every((score) => score > 0 && score <= 1)).toBe(true);
    expect(partial).toBe(false);
    expect(took_ms).toBeGreaterThan(0);
  });

  it('P5 does not find a memory of another tenant', async () => {
    const found = await ours.search('Their secret green tea recipe', { top_k: 1_000 });
    expect(found.memories.map(({ content }) => content).join()).not.toContain('Their');
    const foreign = await ours.search('secret recipe', { filter: { tags: 'foreign' } });
    expect(foreign.memories).toEqual([]);
    expect(await coordinates(theirs, 'train to Hamburg paint party', { top_k: 1_000 })).toEqual([
      '1',
    ]);
  });

  it('P44 embeds a memory in 768 dimensions by a named model, and counts what its cache gives', async () => {
    const { embeddings } = await ours.stats();
    expect(embeddings).toMatchObject({ total: 6, model: 'hash-v1:768', dimension: 768 });
    const hits = async () => {
      const { body } = await service.request<string>('GET', '/metrics');
      return Number(/soma_embedding_cache_total\{result="hit"\} (\d+)/.exec(body)?.[1] ?? 0);
    };
    await ours.search('the very same words');
    const before = await hits();
    await ours.search('the very same words');
    expect(await hits()).toBe(before + 1);
  });

  it("P44 does not answer from another tenant's cached vector", async () => {
    const text = `a text of its own ${Date.now()}`;
    const misses = async () => {
      const { body } = await service.request<string>('GET', '/metrics');
      return Number(/soma_embedding_cache_total\{result="miss"\} (\d+)/.exec(body)?.[1] ?? 0);
    };
    await ours.search(text);
    const before = await misses();
    await theirs.search(text);
    expect(await misses()).toBe(before + 1);
  });

  it('P45 unites words, vectors and metadata in one search', async () => {
    const client = await service.tenant();
    await client.storeAll([
      { coord: '1', content: 'gardening tips for balconies', metadata: { year: 2026 } },
      { coord: '2', content: 'the gardener watered tomatoes', metadata: { year: 2026 } },
      { coord: '3', content: 'gardening tips for balconies', metadata: { year: 2020 } },
      { coord: '4', content: 'quarterly tax statement', metadata: { year: 2026 } },
    ]);
    const found = await coordinates(client, 'gardening on a balcony', {
      filter: { 'metadata.year': { gte: 2025 } },
    });
    expect(found.slice(0, 2)).toEqual(['1', '2']);
    expect(found).not.toContain('3');
    // No word in common, but runs of letters: the vectors' part.
    expect((await coordinates(client, 'gardenin balcon'))[0]).toMatch(/^[13]$/);
  });

  it('P45 joins no metadata of another tenant', async () => {
    const client = await service.tenant();
    await client.store({ content: 'gardening', metadata: { year: 2026 } });
    const found = await theirs.search('gardening', { filter: { 'metadata.year': 2026 } });
    expect(found.memories).toEqual([]);
  });

  it('finds each of a hundred memories by the very next search', async () => {
    const client = await service.tenant();
    let found = 0;
    for (let n = 0; n < 100; n++) {
      const content = `In ${CITIES[n % 10]} clerk ${n} ${FACTS[n % 5]} for number ${n * 7919}.`;
      const { id } = await client.store({ content });
      const { memories } = await client.search(content, { top_k: 1 });
      if (memories[0]?.id === id) found += 1;
    }
    expect(found).toBe(100);
    const { memories } = await ours.search('clerk in Oslo opened a bakery', { top_k: 1_000 });
    expect(memories.some(({ content }) => content.includes('clerk'))).toBe(false);
  });

  it('never finds a deleted memory again', async () => {
    const client = await service.tenant();
    const stored = await client.storeAll(
      Array.from({ length: 50 }, (_, n) => ({ content: `Disposable note ${n} about gravel.` })),
    );
    for (const { memory } of stored.results) {
      await client.delete(`/memories/${memory?.id}`);
      const { memories } = await client.search(memory?.content ?? '', { top_k: 1_000 });
      expect(memories.map(({ id }) => id)).not.toContain(memory?.id);
    }
    expect((await client.search('gravel', { top_k: 1_000 })).memories).toEqual([]);
  });

  it('finds at once what other callers store at the same time', async () => {
    const client = await service.tenant();
    await Promise.all(
      Array.from({ length: 40 }, async (_, n) => {
        const { id } = await client.store({ content: `qv${n * n}zx token of caller number ${n}` });
        const { memories } = await client.search(`qv${n * n}zx token of caller number ${n}`);
        expect(memories.map((memory) => memory.id)).toContain(id);
      }),
    );
  });

  it('finds by vector alone what no word finds, while the index takes it in', async () => {
    const client = await service.tenant();
    for (let n = 0; n < 60; n++) {
      const word = `lubricantly${n}`;
      const { id } = await client.store({ content: word, namespace: `n${n}` });
      const { memories } = await client.search(`prelubricantly${n}x`, { namespace: `n${n}` });
      expect(memories.map((memory) => memory.id)).toEqual([id]);
    }
  });

  it('answers with memories of the type asked for', async () => {
    expect(await coordinates(ours, 'tea', { memory_type: 'procedural' })).toEqual(['4']);
    expect(await coordinates(ours, 'tea', { memory_type: 'summary' })).toEqual([]);
  });

  it('looks into one namespace', async () => {
    await ours.store({ coord: '1', namespace: 'kitchen', content: 'Tea is in the upper drawer.' });
    expect(await coordinates(ours, 'tea drawer', { namespace: 'kitchen' })).toEqual(['1']);
    expect(await coordinates(ours, 'tea drawer', { namespace: 'attic' })).toEqual([]);
    const { memories } = await ours.search('upper drawer');
    expect(memories.every(({ namespace }) => namespace === 'default')).toBe(true);
    expect(await coordinates(theirs, 'tea drawer', { namespace: 'kitchen' })).toEqual([]);
  });

  it('answers with top_k memories at most, 1 to 1,000', async () => {
    expect(await coordinates(ours, 'tea', { top_k: 2 })).toHaveLength(2);
    for (const top_k of [0, 1_001, 1.5, '5', null, -1]) {
      expect(await ours.post('/memories/search', { query: 'tea', top_k })).toMatchObject(
        problem('VALIDATION_FAILED'),
      );
    }
    const client = await service.tenant();
    const memory = (n: number) => ({ content: `common words with number ${n}` });
    await client.storeAll(Array.from({ length: 600 }, (_, n) => memory(n)));
    await client.storeAll(Array.from({ length: 600 }, (_, n) => memory(n + 600)));
    expect(await coordinates(client, 'common words', { top_k: 1_000 })).toHaveLength(1_000);
  });

  it.each([
    ['Chinese', '早上喝绿茶', '5'],
    ['emoji', '🎉', '6'],
    ['words of no case', 'GREEN TEA USER', '1'],
  ])('finds by %s', async (_, query, coordinate) => {
    expect((await coordinates(ours, query))[0]).toBe(coordinate);
  });

  it.each([
    ['stop words only', 'the of and to a'],
    ['one letter', 'q'],
    ['punctuation only', '?! … "\' \\ % _ -- ;'],
    ['operators of a query language', 'tea & !coffee | (green <-> tea):*'],
    ['control characters', 'tea\t\n\u0001\u200b'],
    ['an unknown script', '𐍈𐍉𐌰'],
    ['20,000 characters', 'green tea and a long story '.repeat(741).slice(0, 20_000)],
    ['20,000 characters without a space', 'x'.repeat(20_000)],
  ])('answers %s, in order of score', async (_, query) => {
    const { memories, partial } = await ours.search(query);
    const scores = memories.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(scores.every((score) => score > 0 && score <= 1)).toBe(true);
    expect(partial).toBe(false);
  });

  it('refuses a query that is none', async () => {
    const bodies = [
      {},
      { query: '' },
      { query: ' \n' },
      { query: 'x'.repeat(20_001) },
      { query: 1 },
    ];
    for (const body of [...bodies, { query: 'x', unknown: 1 }, { query: 'x', filter: [] }]) {
      expect(await ours.post('/memories/search', body)).toMatchObject(problem('VALIDATION_FAILED'));
    }
  });

  it('finds nothing in an empty tenant', async () => {
    const client = await service.tenant();
    expect(await client.search('anything')).toMatchObject({ memories: [], partial: false });
  });
});
