import type { Memory } from '@soma/memory';
import type { SearchResponse } from '@soma/search';
import { untilServed } from '../e2e/http.js';
import { type Client, type Service, startService } from '../e2e/service.js';

const MEMORIES = 1_000;
const AT_ONCE = 8;

/** Runs `work` for every number below `count`, a few at a time. */
async function forEachNumber(count: number, work: (number: number) => Promise<void>) {
  let next = 0;
  const run = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, run));
}

/** A text no other number has a word of. */
const textOf = (number: number): string => {
  const word = (salt: number): string => `w${(number * 7_919 + salt).toString(36)}q`;
  return `${word(1)} ${word(2_000_003)} ${word(4_000_007)}`;
};

describe('a write on the real servers', () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;
  const ids: string[] = [];

  const found = async (client: Client, number: number): Promise<string[]> => {
    const body = { query: textOf(number), top_k: 3 };
    const answer = await untilServed(() => client.post<SearchResponse>('/memories/search', body));
    expect(answer.body).toMatchObject({ partial: false });
    return answer.body.memories.map(({ id }) => id);
  };

  beforeAll(async () => {
    service = await startService();
    [ours, theirs] = [await service.tenant(), await service.tenant()];
    // The first write makes the collection; until it is loaded the index says that it is not there.
    await ours.post('/memories', { content: 'warming up', namespace: 'warm' });
    await ours.settledStats();
  }, 300_000);
  afterAll(() => service.close());

  it('runs on PostgreSQL, Milvus and Redis', async () => {
    const { body } = await ours.get('/stats');
    expect(body).toMatchObject({
      backends: { store: 'postgresql', index: 'milvus', cache: 'redis' },
    });
  });

  it(`is found by the very next search, ${MEMORIES} times of ${MEMORIES}`, async () => {
    let hits = 0;
    await forEachNumber(MEMORIES, async (number) => {
      const memory = { content: textOf(number), coord: `7,${number}` };
      const stored = await untilServed(() => ours.post<Memory>('/memories', memory));
      ids[number] = stored.body.id;
      if ((await found(ours, number))[0] === stored.body.id) hits += 1;
    });
    expect(hits).toBe(MEMORIES);
  }, 600_000);

  it('is never found by another tenant', async () => {
    let foreign = 0;
    await forEachNumber(100, async (number) => {
      foreign += (await found(theirs, number)).length;
    });
    expect(foreign).toBe(0);
  }, 300_000);

  it('is found as well once Milvus alone has it', async () => {
    await ours.settledStats();
    await new Promise((resolve) => setTimeout(resolve, 7_000));
    let hits = 0;
    await forEachNumber(200, async (number) => {
      if ((await found(ours, number))[0] === ids[number]) hits += 1;
    });
    expect(hits).toBe(200);
  }, 300_000);

  it(`is gone from the very next search once deleted, ${MEMORIES} times of ${MEMORIES}`, async () => {
    let gone = 0;
    await forEachNumber(MEMORIES, async (number) => {
      const id = ids[number] ?? '';
      await untilServed(() => ours.delete(`/memories/${id}`));
      if (!(await found(ours, number)).includes(id)) gone += 1;
    });
    expect(gone).toBe(MEMORIES);
  }, 600_000);
});
