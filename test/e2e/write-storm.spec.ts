import type { Consistency, ReconcileReport } from '@soma/indexing';
import type { Memory } from '@soma/memory';
import { eventually } from './eventually.js';
import { type Answer, ok, problem, untilServed } from './http.js';
import { type Client, OPERATOR_TOKEN, type Service, startService } from './service.js';

const REQUESTS = 1_000;
const AT_ONCE = 50;

/** Runs `task` so many times, with never more than fifty under way. */
async function storm<Result>(times: number, task: (turn: number) => Promise<Result>) {
  const results: Result[] = [];
  let begun = 0;
  const client = async (): Promise<void> => {
    while (begun < times) {
      begun += 1;
      const turn = begun;
      results.push(await task(turn));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
  return results;
}

describe('many writers of one thing', () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;

  const operator = <Body>(method: string, path: string, body?: object) =>
    ok(untilServed(() => service.request<Body>(method, path, { token: OPERATOR_TOKEN, body })));
  /** Once what has just arrived counts as there. */
  const indexOf = async (client: Client) => {
    await client.settledStats();
    const body = { tenant: client.tenantId, dry_run: true };
    const { tenants } = await eventually(
      () => operator<ReconcileReport>('POST', '/admin/reconcile', body),
      (report) => report.tenants[0]?.waiting === 0,
    );
    return tenants[0];
  };
  const waitingOf = async (client: Client): Promise<number | undefined> => {
    for (let cursor = ''; ;) {
      const path = `/admin/consistency?limit=200${cursor && `&cursor=${cursor}`}`;
      const page = await operator<Consistency>('GET', path);
      const own = page.tenants.find(({ tenant_id: id }) => id === client.tenantId);
      if (own || page.next_cursor === null) return own?.waiting;
      cursor = page.next_cursor;
    }
  };

  beforeAll(async () => {
    service = await startService();
  });
  beforeEach(async () => {
    [ours, theirs] = [await service.tenant(), await service.tenant()];
  });
  afterAll(() => service.close());

  it('P39 makes one memory of 1,000 requests with one key, 50 at a time', async () => {
    const key = { 'idempotency-key': 'the-same-for-all' };
    const body = { content: 'Without a coordinate each would be a memory of its own.' };
    const answers = await storm(REQUESTS, () =>
      untilServed(() => ours.post<Memory>('/memories', body, key)),
    );
    expect(answers).toHaveLength(REQUESTS);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    for (const answer of answers) expect(answer.body).toEqual(answers[0]?.body);
    const { memories, versions, embeddings } = await ours.settledStats();
    expect([memories.total, versions, embeddings.total]).toEqual([1, 1, 1]);
    expect(await indexOf(ours)).toMatchObject({ expected: 1, missing: 0, orphans: 0 });
    expect(await waitingOf(ours)).toBe(0);
    expect((await theirs.stats()).memories.total).toBe(0);
    const other = { content: 'another body' };
    expect(await ours.post('/memories', other, key)).toMatchObject(
      problem('IDEMPOTENCY_KEY_REUSED'),
    );
    expect((await theirs.post<Memory>('/memories', other, key)).status).toBe(201);
  });

  it('P39 gives each of many writers at one coordinate a version of its own', async () => {
    const store = (turn: number) => {
      const body = { coord: '1,2,3', content: `from turn ${turn}` };
      const key = { 'idempotency-key': `turn-${turn}` };
      return ok(
        untilServed(() => ours.post<Memory>('/memories', body, key)),
        201,
      );
    };
    const stored = await storm(200, store);
    expect(new Set(stored.map(({ id }) => id)).size).toBe(1);
    const versions = stored.map(({ version }) => version).sort((a, b) => a - b);
    expect(versions).toEqual(Array.from({ length: 200 }, (_, at) => at + 1));
    const last = stored.find(({ version }) => version === 200);
    expect(await ours.read('1,2,3')).toMatchObject({ version: 200, content: last?.content });
    expect((await ours.settledStats()).versions).toBe(200);
    expect(await indexOf(ours)).toMatchObject({ expected: 1, missing: 0, orphans: 0 });
    expect(await theirs.get('/memories/1,2,3')).toMatchObject(problem('MEMORY_NOT_FOUND'));
  });

  it('P39 lets no writer overwrite what it has not read, with If-Match', async () => {
    await ours.store({ coord: '4', payload: { count: 0 } });
    const addOne = async (turn: number): Promise<Answer<Memory>> => {
      const read = await untilServed(() => ours.get<Memory>('/memories/4'));
      const body = { payload: { count: Number(read.body.payload['count']) + 1 } };
      const headers = {
        'if-match': String(read.headers.get('etag')),
        'idempotency-key': `add-${turn}`,
      };
      return untilServed(() => ours.patch<Memory>('/memories/4', body, headers));
    };
    const answers = await storm(200, addOne);
    const added = answers.filter(({ status }) => status === 200).length;
    const refused = answers.filter(({ status }) => status === 412).length;
    expect(added).toBeGreaterThan(0);
    expect(added + refused).toBe(200);
    expect(await ours.read('4')).toMatchObject({ version: added + 1, payload: { count: added } });
  });
});
