import { createSecretKey, type KeyObject } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { Clock, noteLookup, SomaError, type TenantId, type TenantScope } from '@soma/core';
import { LRUCache } from 'lru-cache';
import { KeyWrapper } from './key-wrapper.js';
import { TenantKeyStore, type WrappedKey } from './tenant-key-store.js';
import { TenantKeys } from './tenant-keys.js';

/** How long a destroyed key may still be used by a process that has it. */
export const KEY_CHECK_MS = 5_000;
const MOST_TENANTS = 10_000;

/** How long a plain key may be kept without asking the key-encryption key again. */
export abstract class KeyCacheOptions {
  abstract readonly maxAgeMs: number;
}

interface Cached {
  readonly keys: ReadonlyMap<number, KeyObject>;
  readonly rows: readonly WrappedKey[];
  readonly unwrappedAt: number;
  readonly checkedAt: number;
}

/**
 * Plain data keys of tenants, for as long as they may be kept. Every five seconds of use the database
 * is asked whether the keys are still there; after half the greatest age they are unwrapped anew
 * beside the work, and at the greatest age they are dropped, used or not.
 */
@Injectable()
export class KeyRing {
  private readonly logger = new Logger(KeyRing.name);
  private readonly cached: LRUCache<TenantId, Cached>;
  private readonly unwrapping = new Map<string, Promise<KeyObject>>();

  constructor(
    private readonly store: TenantKeyStore,
    private readonly wrapper: KeyWrapper,
    private readonly options: KeyCacheOptions,
    private readonly clock: Clock,
  ) {
    this.cached = new LRUCache({ max: MOST_TENANTS, ttl: options.maxAgeMs, ttlAutopurge: true });
  }

  /**
   * The tenant's keys, these versions among them where they exist.
   * @throws SomaError ENCRYPTION_KEY_UNAVAILABLE, or ENCRYPTION_KEY_DESTROYED.
   */
  async keysOf(scope: TenantScope, versions: Iterable<number>): Promise<TenantKeys> {
    const { tenantId } = scope;
    const now = this.clock.now().getTime();
    const known = this.fresh(tenantId, now);
    const hasAll = known && [...versions].every((version) => known.keys.has(version));
    const hit = known && hasAll && now - known.checkedAt < KEY_CHECK_MS ? known : undefined;
    noteLookup('data-keys', hit ? 1 : 0, hit ? 0 : 1);
    const cached = hit ?? (await this.check(scope, known, now));
    if (now - cached.unwrappedAt > this.options.maxAgeMs / 2) void this.renew(scope, cached.rows);
    return new TenantKeys(scope, cached.keys);
  }

  /** Has this process read the keys again; others follow within `KEY_CHECK_MS`. */
  forget({ tenantId }: TenantScope): void {
    this.cached.delete(tenantId);
  }

  private fresh(tenantId: TenantId, now: number): Cached | undefined {
    const cached = this.cached.get(tenantId);
    if (!cached || now - cached.unwrappedAt < this.options.maxAgeMs) return cached;
    this.cached.delete(tenantId);
    return undefined;
  }

  /** Compares with the database, in the caller's transaction; unwraps what is not known yet. */
  private async check(scope: TenantScope, known: Cached | undefined, now: number): Promise<Cached> {
    const rows = await this.store.keys(scope);
    if (rows.length === 0) {
      this.forget(scope);
      throw new SomaError(
        'ENCRYPTION_KEY_DESTROYED',
        'The data keys of this tenant were destroyed; what they encrypted cannot be read again.',
      );
    }
    const keys = await this.unwrapAll(scope, rows, known?.keys);
    const unwrappedAt = known?.unwrappedAt ?? now;
    const cached = { keys, rows, unwrappedAt, checkedAt: now };
    this.keep(scope, cached, now);
    return cached;
  }

  private keep({ tenantId }: TenantScope, cached: Cached, now: number): void {
    const left = this.options.maxAgeMs - (now - cached.unwrappedAt);
    if (left > 0) this.cached.set(tenantId, cached, { ttl: left });
  }

  /** Touches no database: it outlives the transaction of whoever set it off. */
  private async renew(scope: TenantScope, rows: readonly WrappedKey[]): Promise<void> {
    if (rows.some((row) => this.unwrapping.has(nameOf(scope, row)))) return;
    try {
      const keys = await this.unwrapAll(scope, rows, undefined);
      const known = this.cached.get(scope.tenantId);
      if (!known) return;
      const now = this.clock.now().getTime();
      const all = new Map([...known.keys, ...keys]);
      this.keep(scope, { ...known, keys: all, unwrappedAt: now }, now);
    } catch (error) {
      this.logger.debug({ err: error }, 'Keys could not be unwrapped anew; those held are used');
    }
  }

  private async unwrapAll(
    scope: TenantScope,
    rows: readonly WrappedKey[],
    known: ReadonlyMap<number, KeyObject> | undefined,
  ): Promise<ReadonlyMap<number, KeyObject>> {
    const entries = rows.map(
      async (row) =>
        [row.version, known?.get(row.version) ?? (await this.unwrap(scope, row))] as const,
    );
    return new Map(await Promise.all(entries));
  }

  /** Those who want the same key at once wait for one answer. */
  private unwrap(scope: TenantScope, row: WrappedKey): Promise<KeyObject> {
    const name = nameOf(scope, row);
    const under = this.unwrapping.get(name);
    if (under) return under;
    const key = this.wrapper
      .unwrap(scope, row, row.wrapped)
      .then((bytes) => createSecretKey(bytes))
      .finally(() => this.unwrapping.delete(name));
    this.unwrapping.set(name, key);
    return key;
  }
}

const nameOf = ({ tenantId }: TenantScope, { version, wrapped }: WrappedKey): string =>
  `${tenantId} ${version} ${wrapped}`;
