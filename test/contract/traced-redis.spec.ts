import { RedisConnection } from '@soma/resilience';
import { Redis } from 'ioredis';
import { RecordedTracing } from './recorded-tracing.js';

describe(RedisConnection, () => {
  it('P16 shows each call by its operation, and nothing of what it holds', async () => {
    const tracing = new RecordedTracing();
    const sut = new RedisConnection(new Redis({ lazyConnect: true }), { tracing });
    const answer = await sut.run('give vectors', () => Promise.resolve('canary2f60'));
    expect(answer).toBe('canary2f60');
    expect(tracing.spans).toEqual([
      {
        name: 'give vectors redis',
        kind: 'client',
        attributes: { 'db.system.name': 'redis', 'db.operation.name': 'give vectors' },
        said: [],
      },
    ]);
    sut.close();
  });
});
