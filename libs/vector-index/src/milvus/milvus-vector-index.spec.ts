import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { SomaError, tenantId, TenantScope } from '@soma/core';
import { MilvusVectorIndex } from './milvus-vector-index.js';

// Claims about time: the machine may stall, so each may be shown in one of three tries, and every failure is printed.
import.meta.jest.retryTimes(2, { logErrorsBeforeRetry: true });

const SCOPE = TenantScope.of(tenantId('11111111-1111-1111-1111-111111111111'));
const QUERY = { namespace: 'default', model: 'm', vector: Float32Array.of(1, 0), topK: 10 };

const failureOf = async (work: Promise<unknown>): Promise<SomaError> => {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof SomaError) return outcome;
  throw new Error('it should have failed with a SomaError', { cause: outcome });
};

describe(MilvusVectorIndex.name, () => {
  describe('with a server that takes connections and never answers', () => {
    let blackHole: Server;
    const sockets = new Set<Socket>();
    let sut: MilvusVectorIndex;

    beforeAll(async () => {
      blackHole = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
      await once(blackHole, 'listening');
      const { port } = blackHole.address() as AddressInfo;
      sut = new MilvusVectorIndex({ address: `127.0.0.1:${port}`, searchTimeoutMs: 300 });
    });
    afterAll(async () => {
      for (const socket of sockets) socket.destroy();
      blackHole.close();
      await sut.close();
    });

    it('gives a hundred searches at once up within their deadline', async () => {
      const started = performance.now();
      const failures = await Promise.all(
        Array.from({ length: 100 }, () => failureOf(sut.search(SCOPE, QUERY))),
      );
      expect(performance.now() - started).toBeLessThan(900);
      expect(new Set(failures.map(({ code }) => code))).toEqual(
        new Set(['DEPENDENCY_UNAVAILABLE']),
      );
    });

    it('fails its check within the deadline', async () => {
      const started = performance.now();
      expect((await failureOf(sut.check())).status).toBe(503);
      expect(performance.now() - started).toBeLessThan(900);
    });
  });

  it('says nothing of the address to a client when nobody listens there', async () => {
    const sut = new MilvusVectorIndex({ address: '127.0.0.1:1', token: 'root:hunter2' });
    const failures = await Promise.all([
      failureOf(sut.search(SCOPE, QUERY)),
      failureOf(sut.remove(SCOPE, 'm', ['a'])),
      failureOf(sut.count(SCOPE, QUERY)),
      failureOf(sut.check()),
    ]);
    for (const { code, message } of failures) {
      expect(code).toBe('DEPENDENCY_UNAVAILABLE');
      expect(message).not.toMatch(/127\.0\.0\.1|hunter2/);
      expect(message).toMatch(/vector index/);
    }
    await sut.close();
  });

  it('refuses a collection prefix that Milvus would not take', () => {
    const make = (collectionPrefix: string) => (): MilvusVectorIndex =>
      new MilvusVectorIndex({ address: 'localhost:1', collectionPrefix });
    for (const prefix of ['', '1a', 'a-b', 'a b', 'x'.repeat(65)]) {
      expect(make(prefix)).toThrow(RangeError);
    }
  });
});
