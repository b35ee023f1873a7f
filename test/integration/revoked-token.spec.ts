import { setTimeout as sleep } from 'node:timers/promises';
import { clientOf } from '../e2e/client.js';
import { type Replicas, startReplicas } from './replicas.js';

const CALLS = 1_000;
const AT_ONCE = 20;
const NOBODY_LISTENS = 'redis://127.0.0.1:9';

/** What one process revokes, the other has in memory. */
describe.each([
  ['Redis up', {}],
  ['Redis down', { SOMA_REDIS_URL: NOBODY_LISTENS }],
])('a revoked token, with %s', (_, settings) => {
  let replicas: Replicas;

  beforeAll(async () => {
    replicas = await startReplicas(settings);
  });
  afterAll(() => replicas.close());

  it(`is refused by every replica in ${CALLS} calls, five seconds later, and no other is`, async () => {
    const [here, there] = replicas.urls;
    const ours = await replicas.tenant();
    const path = `/admin/tenants/${ours.tenantId}/tokens`;
    const body = { name: 'to be revoked', scopes: ['memories:read'] };
    const { body: created } = await ours.post<{ id: string; token: string; tenant_id: string }>(
      path,
      body,
    );
    const clients = replicas.urls.map((url) => clientOf(url, created));
    for (const client of clients) expect((await client.get('/stats')).status).toBe(200);

    const revoked = await replicas.asOperator(here, 'DELETE', `${path}/${created.id}`);
    expect(revoked.status).toBe(204);
    await sleep(5_000);
    const statuses = new Map<number, number>();
    const call = async (n: number): Promise<void> => {
      const { status } = (await clients[n % clients.length]?.get('/stats')) ?? { status: 0 };
      // A database with too much to do says so: it lets nobody in, and is asked again.
      if (status === 503) await call(n);
      else statuses.set(status, (statuses.get(status) ?? 0) + 1);
    };
    for (let called = 0; called < CALLS; called += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => call(n)));
    }
    expect([...statuses]).toEqual([[401, CALLS]]);
    expect((await clientOf(there, { ...created, token: ours.token }).get('/stats')).status).toBe(
      200,
    );
  });
});
