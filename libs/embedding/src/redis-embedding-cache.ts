import type { TenantScope } from '@soma/core';
import type { RedisConnection } from '@soma/resilience';
import { EmbeddingCache } from './embedding-cache.js';

export interface RedisEmbeddingCacheOptions {
  /** Seconds an entry lives after it was stored; 7 days unless set. */
  readonly ttlSeconds?: number;
  /** Told of every failure, which the cache itself passes over. */
  readonly onError?: (error: unknown) => void;
}

const WEEK_SECONDS = 7 * 24 * 3_600;
/** Keys of one command, and those that one step of a scan looks at. */
const KEYS_A_CALL = 500;
const SCANNED = 1_000;
const FLOAT_BYTES = Float32Array.BYTES_PER_ELEMENT;

/** Float32 bytes under `soma:emb:<tenant>:<key>`. A failing or slow Redis is an empty cache. */
export class RedisEmbeddingCache extends EmbeddingCache {
  private readonly ttlSeconds: number;
  private readonly onError: (error: unknown) => void;

  constructor(
    private readonly redis: RedisConnection,
    options: RedisEmbeddingCacheOptions = {},
  ) {
    super();
    this.ttlSeconds = options.ttlSeconds ?? WEEK_SECONDS;
    this.onError = options.onError ?? (() => {});
  }

  async getMany(
    scope: TenantScope,
    keys: readonly string[],
  ): Promise<(Float32Array | undefined)[]> {
    if (keys.length === 0) return [];
    const names = keys.map((key) => nameOf(scope, key));
    const values = await this.attempt(() =>
      this.redis.run('give vectors', (redis) => redis.mgetBuffer(names)),
    );
    return keys.map((_key, i) => vectorOf(values?.[i]));
  }

  async setMany(scope: TenantScope, entries: ReadonlyMap<string, Float32Array>): Promise<void> {
    if (entries.size === 0) return;
    await this.attempt(() =>
      this.redis.run('keep vectors', async (redis) => {
        const pipeline = redis.pipeline();
        for (const [key, vector] of entries) {
          pipeline.set(nameOf(scope, key), bytesOf(vector), 'EX', this.ttlSeconds);
        }
        const failed = (await pipeline.exec())?.find(([error]) => error);
        if (failed?.[0]) throw failed[0];
      }),
    );
  }

  async forget(scope: TenantScope, keys: readonly string[]): Promise<void> {
    for (const names of batches(keys.map((key) => nameOf(scope, key)))) {
      await this.redis.run('forget vectors', (redis) => redis.unlink(names));
    }
  }

  async forgetTenant(scope: TenantScope): Promise<number> {
    const pattern = nameOf(scope, '*');
    let forgotten = 0;
    let cursor = '0';
    do {
      const from = cursor;
      const [next, names] = await this.redis.run('list vectors', (redis) =>
        redis.scan(from, 'MATCH', pattern, 'COUNT', SCANNED),
      );
      if (names.length > 0) {
        forgotten += await this.redis.run('forget vectors', (redis) => redis.unlink(names));
      }
      cursor = next;
    } while (cursor !== '0');
    return forgotten;
  }

  async count(scope: TenantScope, keys: readonly string[]): Promise<number> {
    let found = 0;
    for (const names of batches(keys.map((key) => nameOf(scope, key)))) {
      found += await this.redis.run('count vectors', (redis) => redis.exists(names));
    }
    return found;
  }

  private async attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.onError(error);
      return undefined;
    }
  }
}

const nameOf = (scope: TenantScope, key: string): string => `soma:emb:${scope.tenantId}:${key}`;

function* batches(names: readonly string[]): Generator<string[]> {
  for (let from = 0; from < names.length; from += KEYS_A_CALL) {
    yield names.slice(from, from + KEYS_A_CALL);
  }
}

const bytesOf = (vector: Float32Array): Buffer =>
  Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);

/** Copies, because a reply's bytes need not begin where a float32 may. */
function vectorOf(bytes: Buffer | null | undefined): Float32Array | undefined {
  if (!bytes || bytes.length === 0 || bytes.length % FLOAT_BYTES !== 0) return undefined;
  return new Float32Array(Uint8Array.from(bytes).buffer);
}
