import type { Memory, MemoryPage } from '@soma/memory';
import type { SearchResponse } from '@soma/search';
import type { CreatedToken } from '@soma/tenancy';
import { ALL_SCOPES, clientOf } from './client.js';
import { eventually } from './eventually.js';
import { ok, problem } from './http.js';
import { type Client, type Service, startService } from './service.js';

const RECIPES = ['context', 'hybrid', 'rrf', 'dense', 'lexical'] as const;
const QUERY = 'Where does Ada work, and what does she drink?';

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));

describe('facts and their time', () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;

  const contents = ({ memories }: { memories: { content: string }[] }): string[] =>
    memories.map(({ content }) => content);
  const search = (client: Client, more: object = {}): Promise<SearchResponse> =>
    ok(client.post<SearchResponse>('/memories/search', { query: QUERY, ...more }));
  const state = (client: Client, employer: string, valid_from: string, more: object = {}) =>
    client.store({
      content: `Ada works for ${employer}.`,
      slot: 'ada.employer',
      valid_from,
      memory_type: 'semantic',
      ...more,
    });

  beforeAll(async () => {
    service = await startService();
  });
  beforeEach(async () => {
    [ours, theirs] = [await service.tenant(), await service.tenant()];
  });
  afterAll(() => service.close());

  it('P29 leaves a superseded fact out of lists and searches, and shows it by id', async () => {
    const old = await state(ours, 'Babbage', '2020-01-01T00:00:00Z', { coord: '1' });
    expect(old).toMatchObject({ slot: 'ada.employer', valid_to: null, superseded_by: null });
    const next = await state(ours, 'Lovelace Ltd', '2024-01-01T00:00:00Z', { coord: '2' });
    expect(contents(await ours.list(''))).toEqual(['Ada works for Lovelace Ltd.']);
    for (const recipe of RECIPES) {
      expect(contents(await search(ours, { recipe }))).toEqual(['Ada works for Lovelace Ltd.']);
    }
    const read = {
      valid_from: '2020-01-01T00:00:00.000Z',
      valid_to: '2024-01-01T00:00:00.000Z',
      superseded_by: next.id,
    };
    expect(await ours.read('1')).toMatchObject(read);
    expect(await ours.read(old.id)).toMatchObject(read);
    expect((await theirs.get(`/memories/${old.id}`)).status).toBe(404);
  });

  it('P29 takes an older fact that arrives later for the older one', async () => {
    const next = await state(ours, 'Lovelace Ltd', '2024-01-01T00:00:00Z');
    const late = await state(ours, 'Babbage', '2020-01-01T00:00:00Z');
    expect(late).toMatchObject({ superseded_by: next.id, valid_to: next.valid_from });
    expect(contents(await search(ours))).toEqual(['Ada works for Lovelace Ltd.']);
  });

  it('P29 lets the older fact be found again when the newer one is deleted or takes another slot', async () => {
    await state(ours, 'Babbage', '2020-01-01T00:00:00Z', { coord: '1' });
    await state(ours, 'Lovelace Ltd', '2024-01-01T00:00:00Z', { coord: '2' });
    await state(ours, 'Menabrea', '2025-01-01T00:00:00Z', { coord: '3' });
    expect((await ours.delete('/memories/3')).status).toBe(204);
    expect(contents(await search(ours, { recipe: 'dense' }))).toEqual([
      'Ada works for Lovelace Ltd.',
    ]);
    await ok(ours.patch<Memory>('/memories/2', { slot: null }));
    expect(contents(await search(ours)).sort()).toEqual([
      'Ada works for Babbage.',
      'Ada works for Lovelace Ltd.',
    ]);
  });

  it('P29 lets it be found again when the newer one expires', async () => {
    await state(ours, 'Babbage', '2020-01-01T00:00:00Z');
    const soon = new Date(Date.now() + 8_000).toISOString();
    await state(ours, 'Lovelace Ltd', '2024-01-01T00:00:00Z', { expires_at: soon });
    expect(contents(await search(ours))).toEqual(['Ada works for Lovelace Ltd.']);
    const listed = async () => contents(await ours.list('slot=ada.employer'));
    await eventually(listed, (facts) => facts.includes('Ada works for Babbage.'));
    expect(await listed()).toEqual(['Ada works for Babbage.']);
    expect(contents(await search(ours))).toEqual(['Ada works for Babbage.']);
  });

  it('P29 tells in a list and in a search what was true at a moment', async () => {
    await state(ours, 'Babbage', '2020-01-01T00:00:00Z');
    await state(ours, 'Lovelace Ltd', '2024-01-01T00:00:00Z');
    await ours.store({ content: 'Ada drinks tea at work.' });
    await state(theirs, 'nobody', '2020-01-01T00:00:00Z');
    const at = { valid_at: '2022-06-01T00:00:00Z' };
    const page = await ok(ours.get<MemoryPage>(`/memories?valid_at=${at.valid_at}`));
    expect(contents(page).sort()).toEqual(['Ada drinks tea at work.', 'Ada works for Babbage.']);
    for (const recipe of RECIPES) {
      expect(contents(await search(ours, { ...at, recipe })).sort()).toEqual([
        'Ada drinks tea at work.',
        'Ada works for Babbage.',
      ]);
    }
    expect(contents(await search(ours, { valid_at: '2019-01-01T00:00:00Z' }))).toEqual([
      'Ada drinks tea at work.',
    ]);
  });

  it('P29 answers a question of the past as it answered it then', async () => {
    const topics = ['tea', 'engines', 'numbers', 'music', 'gardens', 'letters'];
    for (const [number, topic] of [...topics, ...topics].entries()) {
      await ours.store({
        coord: `${number},1`,
        content: `Ada spoke of ${topic} and drink ${number}, and of her work.`,
        tags: [topic],
        session_id: `s${number % 3}`,
        speaker: number % 2 === 0 ? 'Ada' : 'Charles',
        importance: number / 20,
        links: number === 0 ? [] : [{ to_coord: `${number - 1},1` }],
      });
    }
    await state(ours, 'Babbage', '2020-01-01T00:00:00Z', { coord: '9' });
    const asked = RECIPES.flatMap((recipe) => [
      { recipe },
      { recipe, filter: { importance: { lt: 0.4 } }, top_k: 4 },
    ]);
    const ids = ({ memories }: SearchResponse): string[] => memories.map(({ id }) => id);
    const before: string[][] = [];
    for (const one of asked) before.push(ids(await search(ours, one)));
    await pause();
    const then = new Date().toISOString();
    await pause();
    await state(ours, 'Lovelace Ltd', '2024-01-01T00:00:00Z');
    await ok(ours.patch<Memory>('/memories/0,1', { content: 'Nothing of it is left.' }));
    await ok(ours.patch<Memory>('/memories/1,1', { importance: 1, session_id: 'another' }));
    for (const number of [1, 2, 3, 4, 5]) {
      await ours.store({ content: `Ada does work, and does drink ${number}.`, session_id: 's1' });
    }
    await ok(ours.post('/graph/link', { from_coord: '2,1', to_coord: '9' }), 201);

    for (const [at, one] of asked.entries()) {
      const expected = before[at];
      const replayed = await search(ours, { ...one, known_at: then });
      expect({ ...one, ids: ids(replayed) }).toEqual({ ...one, ids: expected });
      expect(ids(await search(ours, one))).not.toEqual(expected);
    }
    const [first] = asked;
    expect((await search(theirs, { ...first, known_at: then })).memories).toEqual([]);
  });

  it('P29 keeps what was deleted out of the past', async () => {
    await ours.store({ coord: '1', content: 'Ada drinks tea at work.' });
    await pause();
    const then = new Date().toISOString();
    expect(contents(await search(ours, { known_at: then }))).toHaveLength(1);
    await ours.delete('/memories/1');
    expect(contents(await search(ours, { known_at: then }))).toEqual([]);
  });

  it('P29 lists the facts that were in force by what was known', async () => {
    await state(ours, 'Babbage', '2020-01-01T00:00:00Z');
    await pause();
    const then = new Date().toISOString();
    await pause();
    const next = await state(ours, 'Lovelace Ltd', '2024-01-01T00:00:00Z', { coord: '5' });
    const page = await ok(ours.get<MemoryPage>(`/memories?known_at=${then}`));
    expect(page.memories).toMatchObject([{ content: 'Ada works for Babbage.', valid_to: null }]);
    const at = `known_at=${next.updated_at}&valid_at=2021-01-01T00:00:00Z`;
    expect(contents(await ok(ours.get<MemoryPage>(`/memories?${at}`)))).toEqual([
      'Ada works for Babbage.',
    ]);
    expect(await ok(ours.get<Memory>(`/memories/5?known_at=${next.updated_at}`))).toMatchObject({
      valid_from: '2024-01-01T00:00:00.000Z',
      superseded_by: null,
    });
  });

  it('refuses a time from which nothing is valid', async () => {
    const given = { content: 'x', valid_from: '2024-01-01T00:00:00Z' };
    expect(await ours.post('/memories', given)).toMatchObject(problem('VALIDATION_FAILED'));
    await ours.store({ coord: '1', content: 'x' });
    const patch = { valid_from: '2024-01-01T00:00:00Z' };
    expect(await ours.patch('/memories/1', patch)).toMatchObject(problem('VALIDATION_FAILED'));
  });

  it('keeps a token to its namespaces in the past too', async () => {
    await state(ours, 'Babbage', '2020-01-01T00:00:00Z', { namespace: 'kept' });
    await state(ours, 'Babbage', '2020-01-01T00:00:00Z', { namespace: 'open' });
    const body = { name: 'kept', scopes: ALL_SCOPES, namespaces: ['open'] };
    const path = `/admin/tenants/${ours.tenantId}/tokens`;
    const narrowed = clientOf(service.url, await ok(ours.post<CreatedToken>(path, body), 201));
    const at = { valid_at: '2022-01-01T00:00:00Z' };
    const asked = { query: QUERY, namespace: 'kept', ...at };
    expect(await narrowed.post('/memories/search', asked)).toMatchObject(
      problem('NAMESPACE_FORBIDDEN'),
    );
    expect(contents(await search(narrowed, { namespace: 'open', ...at }))).toHaveLength(1);
    await state(narrowed, 'Lovelace Ltd', '2024-01-01T00:00:00Z', { namespace: 'open' });
    expect(contents(await search(narrowed, { namespace: 'open' }))).toEqual([
      'Ada works for Lovelace Ltd.',
    ]);
  });
});
