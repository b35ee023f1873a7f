import type { CreatedToken } from '@soma/tenancy';
import { type Client, clientOf } from '../e2e/client.js';
import { type Answer, ok } from '../e2e/http.js';
import { whileRedisIsWell } from '../e2e/while-redis-is-well.js';
import { type Replicas, startReplicas } from './replicas.js';
import { type SilentServer, wayTo } from './silent-server.js';

const LIMIT = 100;
const REQUESTS = 500;
/** Fewer than the limit, so that some are still to be sent when Redis goes. */
const AT_ONCE = 20;

/** Ways in which a Redis goes. */
const SICKNESSES: [string, (way: SilentServer) => Promise<void>][] = [
  ['killed', (way) => way.stop()],
  ['silenced', async (way) => way.silence()],
];

describe('a limit that two processes count in Redis', () => {
  let way: SilentServer;
  let replicas: Replicas;

  beforeAll(async () => {
    way = await wayTo(new URL(process.env['SOMA_REDIS_URL'] ?? '').host);
    replicas = await startReplicas({
      SOMA_REDIS_URL: `redis://${way.address}`,
      SOMA_WAITING_PER_TENANT: String(REQUESTS),
    });
  });
  afterAll(async () => {
    await replicas.close();
    await way.close();
  });
  afterEach(() => way.restore());

  /** A database with too much to do says so, and is asked again. */
  const answerOf = async (client: Client): Promise<Answer> => {
    const answer = await client.get('/namespaces');
    return answer.status === 503 ? answerOf(client) : answer;
  };
  /** Grants of so many requests; `meanwhile` is done once so many of them were granted. */
  const grantsOf = async (after: number, meanwhile: () => Promise<void>) => {
    const tenant = await replicas.tenant();
    const body = { name: 'limited', scopes: ['memories:read'], requests_per_day: LIMIT };
    const path = `/admin/tenants/${tenant.tenantId}/tokens`;
    const created = await ok(
      replicas.asOperator<CreatedToken>(replicas.urls[0], 'POST', path, body),
      201,
    );
    const clients = replicas.urls.map((url) => clientOf(url, created));
    const statuses = new Map<number, number>();
    let done: Promise<void> | undefined;
    let asked = 0;
    const ask = async (): Promise<void> => {
      if (asked === REQUESTS) return;
      const n = asked++;
      const answer = await answerOf(clients[n % clients.length]!);
      const count = (statuses.get(answer.status) ?? 0) + 1;
      statuses.set(answer.status, count);
      if (answer.status === 200 && count === after) done = meanwhile();
      await ask();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, ask));
    await done;
    return {
      granted: statuses.get(200) ?? 0,
      refused: statuses.get(429) ?? 0,
      wasMeanwhile: done !== undefined,
    };
  };

  it(`grants ${LIMIT} of ${REQUESTS} requests while it is well`, async () => {
    await whileRedisIsWell(replicas.urls, async () => {
      const { granted, refused } = await grantsOf(1, () => Promise.resolve());
      expect({ granted, refused }).toEqual({ granted: LIMIT, refused: REQUESTS - LIMIT });
    });
  });

  it.each(SICKNESSES)(
    'grants at most the limit times the processes when it is %s in the middle',
    async (_, fallSick) => {
      const { granted, refused, wasMeanwhile } = await grantsOf(70, () => fallSick(way));
      expect(wasMeanwhile).toBe(true);
      expect(granted + refused).toBe(REQUESTS);
      // Above the limit, since each goes on by itself: else it was no longer in the middle.
      expect(granted).toBeGreaterThan(LIMIT);
      expect(granted).toBeLessThanOrEqual(LIMIT * replicas.urls.length);
    },
  );
});
