import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { TenantScope, tenantId } from '@soma/core';
import { RedisConnection } from '@soma/resilience';
import { Redis } from 'ioredis';
import { RedisEmbeddingCache } from './redis-embedding-cache.js';

// Claims about time: the machine may stall, so each may be shown in one of three tries, and every failure is printed.
import.meta.jest.retryTimes(2, { logErrorsBeforeRetry: true });

const scope = TenantScope.of(tenantId('0190aaaa-0000-7000-8000-000000000001'));

describe(RedisEmbeddingCache, () => {
  const sockets = new Set<Socket>();
  let server: Server;
  let redis: Redis;
  let errors: unknown[];
  let sut: RedisEmbeddingCache;

  const serve = async (onData: (socket: Socket) => void): Promise<void> => {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('data', () => onData(socket));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    redis = new Redis((server.address() as AddressInfo).port, '127.0.0.1', {
      enableReadyCheck: false,
      disableClientInfo: true,
      maxRetriesPerRequest: 1,
      retryStrategy: null,
      disconnectTimeout: 50,
    });
    redis.on('error', () => {});
    errors = [];
    sut = new RedisEmbeddingCache(new RedisConnection(redis, { deadlineMs: 100 }), {
      onError: (error) => errors.push(error),
    });
  };

  afterEach(async () => {
    redis.disconnect();
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    server.close();
    await once(server, 'close');
  });

  it.each([
    ['hangs', () => {}],
    ['hangs up', (socket: Socket) => socket.destroy()],
    ['answers with errors', (socket: Socket) => socket.write('-OOM out of memory\r\n')],
  ])('is an empty cache when Redis %s', async (_case, onData) => {
    await serve(onData);
    const start = performance.now();

    await sut.setMany(scope, new Map([['k', Float32Array.of(1, 0)]]));
    expect(await sut.getMany(scope, ['k', 'l'])).toEqual([undefined, undefined]);

    expect(performance.now() - start).toBeLessThan(1_000);
    expect(errors).toHaveLength(2);
  });

  it('takes bytes that are no float32 for a miss', async () => {
    await serve((socket) => socket.write('*3\r\n$3\r\nabc\r\n$0\r\n\r\n$4\r\n\0\0\x80?\r\n'));

    expect((await sut.getMany(scope, ['k', 'l', 'm'])).slice(0, 2)).toEqual([undefined, undefined]);
  });

  it('asks Redis nothing for no keys', async () => {
    await serve((socket) => socket.destroy());

    expect(await sut.getMany(scope, [])).toEqual([]);
    await sut.setMany(scope, new Map());
    expect(errors).toEqual([]);
  });
});
