import { createSecretKey, type KeyObject } from 'node:crypto';
import { SomaError, type TenantScope } from '@soma/core';
import { type DataKeyName, KeyWrapper } from './key-wrapper.js';
import { type Place, seal, unseal } from './sealed-value.js';

export interface EnvironmentKey {
  readonly id: string;
  /** 32 bytes. */
  readonly key: Buffer;
}

const WRAPPED = /^env:([^:]+):([A-Za-z0-9+/=]+)$/;
const KEY_VERSION = 0;

/** Wraps with AES-256-GCM under keys from the environment: the first wraps, all of them unwrap. */
export class EnvironmentKeyWrapper extends KeyWrapper {
  private readonly keys: ReadonlyMap<string, KeyObject>;

  constructor(private readonly given: readonly EnvironmentKey[]) {
    super();
    this.keys = new Map(given.map(({ id, key }) => [id, createSecretKey(key)]));
  }

  current(): Promise<string | undefined> {
    const [first] = this.given;
    return Promise.resolve(first && `env:${first.id}`);
  }

  nameOf(wrapped: string): string {
    const [, id] = WRAPPED.exec(wrapped) ?? [];
    return `env:${id ?? '?'}`;
  }

  wrap(scope: TenantScope, name: DataKeyName, key: Buffer): Promise<string> {
    const [first] = this.given;
    const wrapping = first && this.keys.get(first.id);
    if (!wrapping) return Promise.reject(missing('(none)'));
    const sealed = seal({ version: KEY_VERSION, key: wrapping }, placeOf(scope, name), key);
    return Promise.resolve(`env:${first.id}:${sealed.toString('base64')}`);
  }

  // oxlint-disable-next-line typescript/require-await -- What it throws becomes a rejection.
  async unwrap(scope: TenantScope, name: DataKeyName, wrapped: string): Promise<Buffer> {
    const [, id = '?', sealed = ''] = WRAPPED.exec(wrapped) ?? [];
    const key = this.keys.get(id);
    if (!key) throw missing(id);
    return unseal(() => key, placeOf(scope, name), Buffer.from(sealed, 'base64'));
  }

  async rewrap(scope: TenantScope, name: DataKeyName, wrapped: string): Promise<string> {
    if (this.nameOf(wrapped) === (await this.current())) return wrapped;
    return this.wrap(scope, name, await this.unwrap(scope, name, wrapped));
  }
}

const placeOf = ({ tenantId }: TenantScope, { version }: DataKeyName): Place => ({
  tenantId,
  rowId: String(version),
  column: 'data key',
});

function missing(id: string): SomaError {
  return new SomaError(
    'ENCRYPTION_KEY_UNAVAILABLE',
    `The key-encryption key "${id}" is not among those of SOMA_ENCRYPTION_KEYS of this process.`,
  );
}
