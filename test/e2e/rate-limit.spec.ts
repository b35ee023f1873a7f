import { problem } from './http.js';
import { type Client, type Service, startService } from './service.js';
import { whileRedisIsWell } from './while-redis-is-well.js';

const LIMIT = 5;

describe('the rate limit', () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;

  beforeAll(async () => {
    service = await startService({ SOMA_RATE_LIMIT_PER_SECOND: String(LIMIT) });
  });
  afterAll(() => service.close());

  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const newTenants = async (): Promise<void> => {
    // The operator who makes them is limited too.
    await pause(1_100);
    [ours, theirs] = [await service.tenant(), await service.tenant()];
  };

  it('P46 tells a client where it stands', () =>
    whileRedisIsWell([service.url], async () => {
      await newTenants();
      const { status, headers } = await ours.get('/stats');
      expect(status).toBe(200);
      expect(headers.get('ratelimit-limit')).toBe(String(LIMIT));
      expect(headers.get('ratelimit-remaining')).toBe(String(LIMIT - 1));
      expect(headers.get('ratelimit-reset')).toBe('1');
    }));

  it('P46 refuses what is beyond it, says when to come back, and does nothing', () =>
    whileRedisIsWell([service.url], async () => {
      await newTenants();
      const started = Date.now();
      const answers = await Promise.all(
        Array.from({ length: 60 }, (_, n) => ours.post('/memories', { content: `burst ${n}` })),
      );
      const windows = Math.floor((Date.now() - started) / 1_000) + 1;
      const granted = answers.filter(({ status }) => status === 201);
      const refused = answers.filter(({ status }) => status === 429);
      expect(granted.length + refused.length).toBe(60);
      expect(granted.length).toBeGreaterThanOrEqual(LIMIT);
      expect(granted.length).toBeLessThanOrEqual(LIMIT * (windows + 1));
      for (const answer of refused) {
        expect(answer).toMatchObject(problem('RATE_LIMITED'));
        expect(answer.headers.get('retry-after')).toBe('1');
        expect(answer.headers.get('ratelimit-remaining')).toBe('0');
      }
      await pause(1_100);
      expect((await ours.stats()).memories.total).toBe(granted.length);
    }));

  it('P46 counts each token by itself, and no health check', () =>
    whileRedisIsWell([service.url], async () => {
      await newTenants();
      await Promise.all(Array.from({ length: 30 }, () => ours.get('/stats')));
      expect((await theirs.get('/stats')).status).toBe(200);
      const checks = await Promise.all(
        Array.from({ length: 30 }, () => service.request('GET', '/healthz')),
      );
      expect(new Set(checks.map(({ status }) => status))).toEqual(new Set([200]));
      expect(checks[0]?.headers.get('ratelimit-limit')).toBeNull();
    }));

  it('P46 lets a client go on after the pause it asked for', () =>
    whileRedisIsWell([service.url], async () => {
      await newTenants();
      const burst = await Promise.all(Array.from({ length: 60 }, () => ours.get('/stats')));
      const refused = burst.find(({ status }) => status === 429);
      expect(refused).toBeDefined();
      await pause(Number(refused?.headers.get('retry-after')) * 1_000 + 50);
      expect((await ours.get('/stats')).status).toBe(200);
    }));
});
