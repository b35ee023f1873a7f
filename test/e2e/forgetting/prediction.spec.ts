import type { FeedbackAnswer } from '@soma/forgetting';
import { Metrics } from '@soma/observability';
import {
  type ChatAnswer,
  fails,
  hangs,
  says,
  saysNoJson,
  ScriptedChat,
} from '../../../libs/consolidation/src/scripted-chat.fixture.js';
import { ok, problem } from '../http.js';
import { type Client, type Service, startService } from '../service.js';

const SHOP = 'The shop opens at 9';
const TEN = 'It opened at 10';
/** A busy machine answers within it; a silent model is waited for three times. */
const TIMEOUT_MS = 3_000;
const SLACK_MS = 5_000;

describe('P35 what a memory makes one expect', () => {
  const chat = new ScriptedChat();
  let service: Service;
  let ours: Client;
  let theirs: Client;

  const start = async (settings: Record<string, string> = {}) => {
    const url = await chat.start();
    service = await startService({
      SOMA_PREDICTION_URL: url,
      SOMA_PREDICTION_MODEL: 'small',
      SOMA_PREDICTION_API_KEY: 'prediction-key-4e1a',
      SOMA_PREDICTION_TIMEOUT_MS: String(TIMEOUT_MS),
      ...settings,
    });
  };
  beforeAll(() => start());
  afterAll(async () => {
    await service.close();
    await chat.stop();
  });
  beforeEach(async () => {
    [ours, theirs] = [await service.tenant(), await service.tenant()];
    await ours.store({ coord: '1', content: SHOP });
    chat.seen.splice(0);
  });

  const give = (body: object, key?: string) =>
    ok(
      ours.post<FeedbackAnswer>(
        '/memories/1/feedback',
        body,
        key === undefined ? {} : { 'idempotency-key': key },
      ),
    );
  const query = 'When does the shop open?';

  it('is predicted by the model, from the memory and the query, without what happened', async () => {
    chat.answers(says('It opens at 9.'), says('YES'));
    const outcome = 'They let us in at nine';
    const given = await give({ predict: true, query, outcome });
    expect(given).toMatchObject({
      prediction: { state: 'made', expected: 'It opens at 9.', model: 'small' },
      predicted_by: 'small',
      correct: true,
      reward: 1,
      importance_after: 0.6,
      correction: null,
    });
    const [asked, judged] = chat.seen.map(({ body }) => body.messages[1]?.content ?? '');
    expect(asked).toContain(SHOP);
    expect(asked).toContain(query);
    expect(asked).not.toContain(outcome);
    expect(judged).toContain(outcome);
    expect(chat.seen[0]?.authorization).toBe('Bearer prediction-key-4e1a');
    const { feedback } = await ok(
      ours.get<{ feedback: { predicted_by: string | null }[] }>('/memories/1/feedback'),
    );
    expect(feedback.map(({ predicted_by: by }) => by)).toEqual(['small']);
  });

  it('that was wrong is corrected, and the correction says who expected it', async () => {
    chat.answers(says('It opens at 9.'), says('No.'));
    const given = await give({ predict: true, outcome: TEN }, 'once');
    expect(given).toMatchObject({ correct: false, reward: -1, importance_after: 0.4 });
    expect(given.correction).toMatchObject({
      memory_type: 'semantic',
      tags: ['correction'],
      payload: { outcome: TEN, expected: 'It opens at 9.', predicted_by: 'small' },
    });
    expect(await give({ predict: true, outcome: TEN }, 'once')).toEqual(given);
    expect((await ours.read('1')).importance).toBe(0.4);
  });

  it('that says the same needs no judgement', async () => {
    chat.answers(says('It opened at 10'));
    expect(await give({ predict: true, outcome: 'it opened at 10.' })).toMatchObject({
      correct: true,
    });
    expect(chat.seen).toHaveLength(1);
  });

  it.each<[string, ChatAnswer, string]>([
    ['expects nothing', says('NONE'), 'nothing'],
    ['refuses', fails(400), 'unavailable'],
    ['says no JSON', saysNoJson, 'unavailable'],
    ['redirects', fails(307), 'unavailable'],
  ])(
    'is left out when the model %s: feedback goes on, and says so',
    async (_what, answer, state) => {
      chat.answers(answer);
      const given = await give({ predict: true, outcome: TEN });
      expect(given).toMatchObject({
        prediction: { state, expected: null, model: null },
        predicted_by: null,
        correct: null,
        reward: 0,
        correction: null,
      });
      expect(given.importance_after).toBe(given.importance_before);
      expect(await give({ predict: true, outcome: TEN, reward: 1 })).toMatchObject({
        reward: 1,
        importance_after: 0.6,
      });
      chat.answers(says('It opens at 9.'), says('YES'));
      await give({ predict: true, outcome: TEN });
    },
  );

  it('leaves it open whether a prediction was right when the model does not judge', async () => {
    chat.answers(says('It opens at 9.'), says('Perhaps, who knows'));
    expect(await give({ predict: true, outcome: TEN })).toMatchObject({
      prediction: { state: 'made' },
      correct: null,
      reward: 0,
      correction: null,
    });
  });

  it('is asked for in so many words, and in no other way', async () => {
    for (const body of [
      { predict: true },
      { predict: true, outcome: TEN, expected: 'x' },
      { outcome: TEN, reward: 1, query },
      { outcome: TEN },
    ]) {
      expect(await ours.post('/memories/1/feedback', body)).toMatchObject(
        problem('VALIDATION_FAILED'),
      );
    }
    await give({ expected: SHOP, outcome: TEN });
    expect(chat.seen).toEqual([]);
  });

  it('is asked of no memory of another tenant', async () => {
    const { id } = await ours.read('1');
    for (const address of ['1', id]) {
      const body = { predict: true, outcome: TEN };
      expect(await theirs.post(`/memories/${address}/feedback`, body)).toMatchObject(
        problem('MEMORY_NOT_FOUND'),
      );
    }
    expect(chat.seen).toEqual([]);
  });

  it('keeps nobody waiting: a silent model is given a time, and then a pause', async () => {
    chat.answers(hangs);
    for (let tries = 0; tries < 4; tries += 1) {
      const started = Date.now();
      const { prediction } = await give({ predict: true, outcome: TEN, reward: 0 });
      expect(prediction?.state).toBe('unavailable');
      expect(Date.now() - started).toBeLessThan(TIMEOUT_MS + SLACK_MS);
    }
    expect(chat.seen).toHaveLength(3);
    const { values } = await service.provided(Metrics).predictions.get();
    expect(values.find(({ labels }) => labels['result'] === 'unavailable')?.value).toBeGreaterThan(
      3,
    );
  });

  it('is nothing where no model is configured, and feedback says that', async () => {
    await service.close();
    await chat.stop();
    await start({ SOMA_PREDICTION_URL: '' });
    ours = await service.tenant();
    await ours.store({ coord: '1', content: SHOP });
    expect(await give({ predict: true, outcome: TEN })).toMatchObject({
      prediction: { state: 'not-configured', expected: null },
      correct: null,
      reward: 0,
    });
    expect(chat.seen).toEqual([]);
  });
});
