import { problem } from './http.js';
import { type Client, type Service, startService } from './service.js';

/** Where a client names a moment, with what stands before it in the URL. */
const PARAMETERS = [
  '/memories?known_at=',
  '/memories?valid_at=',
  '/memories/1?known_at=',
  '/memories/1/salience?at=',
  '/hierarchy/tree?from=',
  '/hierarchy/tree?to=',
  '/admin/audit?since=',
  '/admin/audit?until=',
  '/admin/audit/export?since=',
  '/admin/audit/export?until=',
];

describe('a moment that a client names', () => {
  let service: Service;
  let client: Client;

  beforeAll(async () => {
    service = await startService();
    client = await service.tenant();
    await client.storeAll([{ coord: '1', content: 'one' }]);
  });
  afterAll(() => service.close());

  const answersTo = async (moment: string) => {
    const answers = [];
    for (const path of PARAMETERS) {
      answers.push(await client.get(`${path}${encodeURIComponent(moment)}`));
    }
    const policy = { prune: { below: 0.05, after_days: 90 } };
    answers.push(await client.post('/hierarchy/decay', { at: moment, policy }));
    for (const key of ['known_at', 'valid_at']) {
      answers.push(await client.post('/memories/search', { query: 'one', [key]: moment }));
    }
    return answers;
  };

  // PostgreSQL itself takes no offset of 16 hours and more.
  it.each([
    '2026-01-01T00:00:00+22:51',
    '2026-01-01T00:00:00.74-23:59',
    '0127-04-21T00:05:54.74+22:51',
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
  ])('may be %s, wherever it is named', async (moment) => {
    for (const { status, body } of await answersTo(moment)) {
      // Not found: before its time.
      expect({ status, body }).toMatchObject({ status: status === 404 ? 404 : 200 });
    }
  });

  it.each(['0000-01-01T00:00:00Z', '0001-01-01T00:00:00+00:01', '9999-12-31T23:59:59-10:00'])(
    'is refused when it is %s, which no store holds, wherever it is named',
    async (moment) => {
      for (const answer of await answersTo(moment)) {
        expect(answer).toMatchObject(problem('VALIDATION_FAILED'));
      }
    },
  );

  it('may be any year in a filter, where it is compared and not kept', async () => {
    for (const moment of ['0000-01-01T00:00:00Z', '9999-12-31T23:59:59-10:00']) {
      for (const field of ['created_at', 'occurred_at', 'updated_at']) {
        const filter = { [field]: { gte: moment } };
        const answer = await client.post('/memories/search', { query: 'one', filter });
        expect({ status: answer.status, body: answer.body }).toMatchObject({ status: 200 });
      }
    }
  });
});
