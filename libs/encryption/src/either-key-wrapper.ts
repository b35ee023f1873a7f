import type { TenantScope } from '@soma/core';
import { type DataKeyName, KeyWrapper } from './key-wrapper.js';

/**
 * Vault, beside keys of the environment that wrapped before it: what they wrapped is still read, and
 * moves to Vault when it is wrapped anew.
 */
export class EitherKeyWrapper extends KeyWrapper {
  constructor(
    private readonly vault: KeyWrapper,
    private readonly environment: KeyWrapper,
  ) {
    super();
  }

  current(): Promise<string | undefined> {
    return this.vault.current();
  }

  nameOf(wrapped: string): string {
    return this.ownerOf(wrapped).nameOf(wrapped);
  }

  wrap(scope: TenantScope, name: DataKeyName, key: Buffer): Promise<string> {
    return this.vault.wrap(scope, name, key);
  }

  unwrap(scope: TenantScope, name: DataKeyName, wrapped: string): Promise<Buffer> {
    return this.ownerOf(wrapped).unwrap(scope, name, wrapped);
  }

  async rewrap(scope: TenantScope, name: DataKeyName, wrapped: string): Promise<string> {
    const owner = this.ownerOf(wrapped);
    if (owner === this.vault) return owner.rewrap(scope, name, wrapped);
    return this.wrap(scope, name, await owner.unwrap(scope, name, wrapped));
  }

  private ownerOf(wrapped: string): KeyWrapper {
    return wrapped.startsWith('env:') ? this.environment : this.vault;
  }
}
