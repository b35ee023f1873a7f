import type { FeedbackAnswer, FeedbackList } from '@soma/forgetting';
import type { Memory, QuarantineList, VersionPage } from '@soma/memory';
import type { CreatedToken } from '@soma/tenancy';
import { says, ScriptedChat } from '../../../libs/consolidation/src/scripted-chat.fixture.js';
import { ALL_SCOPES, clientOf } from '../client.js';
import { ok, problem } from '../http.js';
import { type Client, type Service, startService } from '../service.js';
import { forgettingOf } from './requests.js';

const SHOP = { coord: '1', content: 'The shop opens at 9', prediction: 'It will be open at 9' };
const TEN = 'It opened at 10';

describe('P35 what its writer expects of a memory', () => {
  const chat = new ScriptedChat();
  let service: Service;
  let ours: Client;
  let theirs: Client;
  let sut: ReturnType<typeof forgettingOf>;

  beforeAll(async () => {
    service = await startService({
      SOMA_PREDICTION_URL: await chat.start(),
      SOMA_PREDICTION_MODEL: 'small',
    });
  });
  afterAll(async () => {
    await service.close();
    await chat.stop();
  });
  beforeEach(async () => {
    [ours, theirs] = [await service.tenant(), await service.tenant()];
    sut = forgettingOf(service, ours);
    chat.seen.splice(0);
  });

  const quarantineOf = ({ tenantId }: Client) => `/admin/tenants/${tenantId}/quarantine`;
  const tokenOf = async (client: Client, body: object): Promise<Client> =>
    clientOf(
      service.url,
      await ok(
        client.post<CreatedToken>(`/admin/tenants/${client.tenantId}/tokens`, {
          name: 'another',
          scopes: ALL_SCOPES,
          ...body,
        }),
        201,
      ),
    );

  it('is stored, one at a time and in bulk, changed and taken back, and no other tenant reads it', async () => {
    const stored = await ours.store(SHOP);
    expect(stored.prediction).toBe(SHOP.prediction);
    const { results } = await ours.storeAll([{ ...SHOP, coord: '2' }, { content: 'bare' }]);
    expect(results.map(({ memory }) => memory?.prediction)).toEqual([SHOP.prediction, null]);
    const patch = (prediction: unknown) => ours.patch<Memory>('/memories/2', { prediction });
    expect((await ok(patch('It will be shut'))).prediction).toBe('It will be shut');
    expect((await ok(ours.patch<Memory>('/memories/2', { tags: ['x'] }))).prediction).toBe(
      'It will be shut',
    );
    expect((await ok(patch(null))).prediction).toBeNull();
    const wrong = ['', '   ', 'x'.repeat(10_001), 9];
    for (const prediction of wrong) {
      const refused = problem('VALIDATION_FAILED');
      expect(await ours.post('/memories', { ...SHOP, prediction })).toMatchObject(refused);
      expect(await patch(prediction)).toMatchObject(refused);
    }
    expect((await ours.search('shop')).memories[0]?.prediction).toBe(SHOP.prediction);
    expect(await theirs.get(`/memories/${stored.id}`)).toMatchObject(problem('MEMORY_NOT_FOUND'));
    expect((await theirs.search('shop')).memories).toEqual([]);
  });

  it('is what feedback that says nothing else goes by; another outcome stores a correction', async () => {
    const { id } = await ours.store(SHOP);
    const given = await sut.feedback('1', { outcome: TEN }, 'once');
    expect(given).toMatchObject({
      expected: SHOP.prediction,
      expected_from: 'memory',
      predicted_by: null,
      prediction: null,
      correct: false,
      reward: -1,
      importance_after: 0.4,
      correction: {
        memory_type: 'semantic',
        tags: ['correction'],
        payload: { outcome: TEN, expected: SHOP.prediction, expected_from: 'memory' },
        prediction: null,
      },
    });
    expect(await sut.feedback('1', { outcome: TEN }, 'once')).toEqual(given);
    const { neighbors } = await ours.neighbors('coord=1&link_type=corrects&direction=in');
    expect(neighbors.map(({ memory }) => memory.id)).toEqual([given.correction?.id]);
    expect(await sut.feedback('1', { outcome: 'it will be  open at 9.' })).toMatchObject({
      correct: true,
      reward: 1,
      correction: null,
    });
    const said = { expected: TEN, outcome: TEN };
    expect(await sut.feedback('1', said)).toMatchObject({
      expected: TEN,
      expected_from: 'feedback',
      correct: true,
    });
    expect(await sut.feedback('1', { reward: 0.5 })).toMatchObject({
      expected: null,
      expected_from: null,
      correct: null,
    });
    const { feedback } = await ok(ours.get<FeedbackList>('/memories/1/feedback'));
    expect(feedback.map(({ expected_from: from }) => from)).toEqual([
      'memory',
      'memory',
      'feedback',
      null,
    ]);
    for (const address of ['1', id]) {
      expect(
        await theirs.post<FeedbackAnswer>(`/memories/${address}/feedback`, { outcome: TEN }),
      ).toMatchObject(problem('MEMORY_NOT_FOUND'));
    }
    expect((await theirs.list('limit=10')).memories).toEqual([]);
    expect(chat.seen).toEqual([]);
  });

  it('without one an outcome alone is refused, and says what to give', async () => {
    await ours.store({ coord: '1', content: SHOP.content });
    const refused = await ours.post<{ detail: string }>('/memories/1/feedback', { outcome: TEN });
    expect(refused).toMatchObject(problem('VALIDATION_FAILED'));
    expect(refused.body.detail).toContain('`prediction`');
    expect(await sut.feedback('1', { outcome: TEN, reward: 1 })).toMatchObject({ correct: null });
  });

  it('comes before that of the model, which is asked only whether other words mean it', async () => {
    await ours.store(SHOP);
    chat.answers(says('YES'));
    const outcome = 'They let us in at nine';
    expect(await sut.feedback('1', { predict: true, outcome })).toMatchObject({
      expected_from: 'memory',
      prediction: null,
      predicted_by: null,
      correct: true,
    });
    expect(chat.seen.map(({ body }) => body.messages[1]?.content)).toEqual([
      `Expected: ${SHOP.prediction}\nHappened: ${outcome}`,
    ]);
    await ok(ours.patch('/memories/1', { prediction: null }));
    chat.answers(says('It opens at 9.'), says('NO'));
    expect(await sut.feedback('1', { predict: true, outcome: TEN })).toMatchObject({
      expected: 'It opens at 9.',
      expected_from: 'model',
      correct: false,
    });
  });

  it('makes no correction that is trusted more than who expected it', async () => {
    const low = await tokenOf(ours, { trust: 0.2 });
    await low.store(SHOP);
    const trustOf = async (body: Record<string, unknown>) =>
      (await sut.feedback('1', body)).correction?.trust;
    expect(await trustOf({ outcome: TEN })).toBe(0.2);
    expect(await trustOf({ outcome: TEN, expected: 'It opens at 9' })).toBe(1);
  });

  it('is kept by versions: read, as it was known, and restored', async () => {
    await ours.store(SHOP);
    await ok(ours.patch('/memories/1', { prediction: 'It will be shut' }));
    await ours.store({ coord: '1', content: 'Another shop' });
    const path = '/memories/1/versions';
    const { versions } = await ok(ours.get<VersionPage>(path));
    expect(versions.map(({ prediction }) => prediction)).toEqual([
      null,
      'It will be shut',
      SHOP.prediction,
    ]);
    const at = versions[2]?.updated_at;
    expect((await ok(ours.get<Memory>(`/memories/1?known_at=${at}`))).prediction).toBe(
      SHOP.prediction,
    );
    expect(await ok(ours.post<Memory>(`${path}/1/restore`))).toMatchObject({
      prediction: SHOP.prediction,
      version: 4,
    });
    expect(await theirs.get(`/memories/${versions[0]?.id}/versions/1`)).toMatchObject(
      problem('MEMORY_NOT_FOUND'),
    );
  });

  it('goes to the archive and comes back', async () => {
    const { id } = await ours.store({ ...SHOP, importance: 0.01 });
    await sut.setPolicy({ prune: { below: 0.1 }, every_hours: null });
    expect(await sut.run({ dry_run: false })).toHaveLength(1);
    expect(await theirs.post(`/hierarchy/archive/${id}/restore`, {})).toMatchObject({
      status: 404,
    });
    expect((await ok(sut.restore<Memory>(id))).prediction).toBe(SHOP.prediction);
    expect(await sut.feedback('1', { outcome: TEN })).toMatchObject({ expected_from: 'memory' });
  });

  it('waits in quarantine with the rest of a write, and comes back from a rollback', async () => {
    const apart = await tokenOf(ours, {
      scopes: ['memories:read', 'memories:write'],
      quarantine: true,
    });
    expect((await apart.store(SHOP)).prediction).toBe(SHOP.prediction);
    const { writes } = await ok(ours.get<QuarantineList>(quarantineOf(ours)));
    expect(writes).toMatchObject([{ memory: { prediction: SHOP.prediction } }]);
    const none = await ok(theirs.get<QuarantineList>(quarantineOf(theirs)));
    expect(none.writes).toEqual([]);
    await ok(ours.post(`${quarantineOf(ours)}/release`, { ids: [writes[0]?.id] }));
    expect((await ours.read('1')).prediction).toBe(SHOP.prediction);

    const other = await tokenOf(ours, {});
    const since = new Date(0).toISOString();
    await other.store({ ...SHOP, prediction: 'It will burn' });
    const body = { token: other.tokenId, since, dry_run: false };
    await ok(ours.post(`/admin/tenants/${ours.tenantId}/rollback`, body));
    expect((await ours.read('1')).prediction).toBe(SHOP.prediction);
  });
});
