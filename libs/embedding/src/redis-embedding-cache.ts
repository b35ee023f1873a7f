import type { TenantScope } from '@soma/core';
import type { Redis } from 'ioredis';
import { EmbeddingCache } from './embedding-cache.js';

export interface RedisEmbeddingCacheOptions {
  /** Seconds an entry lives after it was stored; 7 days unless set. */
  readonly ttlSeconds?: number;
  /** Longest a read or a write waits for Redis; 250 unless set. */
  readonly timeoutMs?: number;
  /** Told of every failure, which the cache itself passes over. */
  readonly onError?: (error: unknown) => void;
}

const WEEK_SECONDS = 7 * 24 * 3_600;
const FLOAT_BYTES = Float32Array.BYTES_PER_ELEMENT;

/** Float32 bytes under `soma:emb:<tenant>:<key>`. A failing or slow Redis is an empty cache. */
export class RedisEmbeddingCache extends EmbeddingCache {
  private readonly ttlSeconds: number;
  private readonly timeoutMs: number;
  private readonly onError: (error: unknown) => void;

  /** The client's owner closes it, and listens to its `error` event. */
  constructor(
    private readonly redis: Redis,
    options: RedisEmbeddingCacheOptions = {},
  ) {
    super();
    this.ttlSeconds = options.ttlSeconds ?? WEEK_SECONDS;
    this.timeoutMs = options.timeoutMs ?? 250;
    this.onError = options.onError ?? (() => {});
  }

  async getMany(
    scope: TenantScope,
    keys: readonly string[],
  ): Promise<(Float32Array | undefined)[]> {
    if (keys.length === 0) return [];
    const names = keys.map((key) => nameOf(scope, key));
    const values = await this.attempt(() => this.redis.mgetBuffer(names));
    return keys.map((_key, i) => vectorOf(values?.[i]));
  }

  async setMany(scope: TenantScope, entries: ReadonlyMap<string, Float32Array>): Promise<void> {
    if (entries.size === 0) return;
    await this.attempt(async () => {
      const pipeline = this.redis.pipeline();
      for (const [key, vector] of entries) {
        pipeline.set(nameOf(scope, key), bytesOf(vector), 'EX', this.ttlSeconds);
      }
      const failed = (await pipeline.exec())?.find(([error]) => error);
      if (failed?.[0]) throw failed[0];
    });
  }

  private async attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
      const late = new Error(`Redis did not answer within ${this.timeoutMs} ms.`);
      timer = setTimeout(() => reject(late), this.timeoutMs);
    });
    try {
      return await Promise.race([work(), timeout]);
    } catch (error) {
      this.onError(error);
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }
}

const nameOf = (scope: TenantScope, key: string): string => `soma:emb:${scope.tenantId}:${key}`;

const bytesOf = (vector: Float32Array): Buffer =>
  Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);

/** Copies, because a reply's bytes need not begin where a float32 may. */
function vectorOf(bytes: Buffer | null | undefined): Float32Array | undefined {
  if (!bytes || bytes.length === 0 || bytes.length % FLOAT_BYTES !== 0) return undefined;
  return new Float32Array(Uint8Array.from(bytes).buffer);
}
