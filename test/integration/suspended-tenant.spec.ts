import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, clientOf } from '../e2e/client.js';
import { problem } from '../e2e/http.js';
import { type Replicas, startReplicas } from './replicas.js';

// Claims about time: the machine may stall, so each may be shown in one of three tries, and every failure is printed.
import.meta.jest.retryTimes(2, { logErrorsBeforeRetry: true, retryImmediately: true });

const WITHIN_MS = 5_000;
const CALLS = 200;
const AT_ONCE = 20;
const NOBODY_LISTENS = 'redis://127.0.0.1:9';

describe.each([
  ['Redis up', {}],
  ['Redis down', { SOMA_REDIS_URL: NOBODY_LISTENS }],
])('a tenant that one of two processes suspends, with %s', (_, settings) => {
  let replicas: Replicas;
  let ours: Client;
  let theirs: Client;

  beforeAll(async () => {
    replicas = await startReplicas(settings);
    [ours, theirs] = [await replicas.tenant(), await replicas.tenant()];
  });
  afterAll(() => replicas.close());

  const asked = async (url: string, client: Client) => {
    for (;;) {
      const answer = await clientOf(url, { ...client, id: '', tenant_id: '' }).get('/stats');
      // A database with too much to do says so, and is asked again.
      if (answer.status !== 503) return answer;
    }
  };
  const tell = async (url: string, what: 'suspend' | 'resume'): Promise<void> => {
    const path = `/admin/tenants/${ours.tenantId}/${what}`;
    expect((await replicas.asOperator(url, 'POST', path)).status).toBe(200);
  };
  /** Ms from `since` until a process answers with this status. */
  const msUntil = async (url: string, status: number, since: number): Promise<number> => {
    while ((await asked(url, ours)).status !== status) {
      if (performance.now() - since > 3 * WITHIN_MS) break;
      await sleep(20);
    }
    return performance.now() - since;
  };
  /** Until every process knows of it. */
  const begin = async (what: 'suspend' | 'resume', status: number): Promise<void> => {
    await tell(replicas.urls[0], what);
    for (const url of replicas.urls) {
      await msUntil(url, status, performance.now());
      expect((await asked(url, ours)).status).toBe(status);
    }
  };
  const answersOf = async (url: string): Promise<Set<number>> => {
    const statuses = new Set<number>();
    for (let called = 0; called < CALLS; called += AT_ONCE) {
      const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => asked(url, ours)));
      for (const { status } of answers) statuses.add(status);
    }
    return statuses;
  };

  it('is refused by the one at once, by the other within five seconds, and no other tenant is', async () => {
    const [here, there] = replicas.urls;
    await begin('resume', 200);
    const since = performance.now();
    await tell(here, 'suspend');
    expect(await asked(here, ours)).toMatchObject(problem('TENANT_SUSPENDED'));
    expect(await msUntil(there, 403, since)).toBeLessThan(WITHIN_MS);
    for (const url of replicas.urls) {
      expect(await answersOf(url)).toEqual(new Set([403]));
      expect((await asked(url, theirs)).status).toBe(200);
    }
  });

  it('is let in again by the one at once, and by the other within five seconds', async () => {
    const [here, there] = replicas.urls;
    await begin('suspend', 403);
    const since = performance.now();
    await tell(there, 'resume');
    expect((await asked(there, ours)).status).toBe(200);
    expect(await msUntil(here, 200, since)).toBeLessThan(WITHIN_MS);
    for (const url of replicas.urls) expect(await answersOf(url)).toEqual(new Set([200]));
  });
});
