import type { TenantId, TenantScope } from '@soma/core';
import type { SealedField } from '../src/sealed-field.js';
import {
  type EncryptionState,
  PLAIN,
  TenantKeyStore,
  type WrappedKey,
} from '../src/tenant-key-store.js';

export class InMemoryKeyStore extends TenantKeyStore {
  private readonly wrapped = new Map<TenantId, WrappedKey[]>();
  private readonly states = new Map<TenantId, EncryptionState>();

  add({ tenantId }: TenantScope, key: WrappedKey): void {
    this.wrapped.set(tenantId, [...(this.wrapped.get(tenantId) ?? []), key]);
  }

  state({ tenantId }: TenantScope): Promise<EncryptionState> {
    return Promise.resolve(this.states.get(tenantId) ?? PLAIN);
  }

  stateForWrite(scope: TenantScope): Promise<EncryptionState> {
    return this.state(scope);
  }

  keys({ tenantId }: TenantScope): Promise<WrappedKey[]> {
    return Promise.resolve([...(this.wrapped.get(tenantId) ?? [])]);
  }

  async setFields(
    scope: TenantScope,
    fields: readonly SealedField[],
    firstKey: WrappedKey | undefined,
  ): Promise<EncryptionState> {
    if (firstKey) this.add(scope, firstKey);
    const before = await this.state(scope);
    return this.keep(scope, {
      fields,
      held: [...new Set([...before.held, ...fields])],
      keyVersion: (await this.keys(scope)).at(-1)?.version ?? 0,
    });
  }

  addKey(scope: TenantScope, key: WrappedKey): Promise<EncryptionState | undefined> {
    this.add(scope, key);
    return this.keep(scope, { keyVersion: key.version });
  }

  replaceWrapped({ tenantId }: TenantScope, from: WrappedKey, wrapped: string): Promise<void> {
    const keys = this.wrapped.get(tenantId) ?? [];
    this.wrapped.set(
      tenantId,
      keys.map((key) => (key.version === from.version ? { ...key, wrapped } : key)),
    );
    return Promise.resolve();
  }

  async markApplied(scope: TenantScope): Promise<void> {
    const state = await this.state(scope);
    this.states.set(scope.tenantId, { ...state, held: state.fields, isApplied: true });
  }

  destroyKeys({ tenantId }: TenantScope): Promise<void> {
    this.wrapped.delete(tenantId);
    return Promise.resolve();
  }

  hasTenant({ tenantId }: TenantScope): Promise<boolean> {
    return Promise.resolve(this.wrapped.has(tenantId));
  }

  tenants(): Promise<TenantScope[]> {
    return Promise.resolve([]);
  }

  private async keep(
    scope: TenantScope,
    change: Partial<EncryptionState>,
  ): Promise<EncryptionState> {
    const before = await this.state(scope);
    const after = { ...before, ...change, revision: before.revision + 1, isApplied: false };
    this.states.set(scope.tenantId, after);
    return after;
  }
}
