import { Inject, Injectable } from '@nestjs/common';
import type { TenantScope } from '@soma/core';
import {
  type Memory,
  type MemoryAddress,
  MemoryRepository,
  MemoryService,
  type MutationOptions,
  type PatchMemory,
  type StoreMemory,
} from '@soma/memory';
import { tellDeleted, assertDeletable } from './delete-hooks.js';
import type { HookName } from './extension.js';
import { Extensions } from './extensions.js';
import { admitted, tellStored } from './store-hooks.js';

/** One memory at a time, with hooks around it. */
@Injectable()
export class ExtendedMemoryService extends MemoryService {
  @Inject(Extensions) private readonly extensions!: Extensions;
  @Inject(MemoryRepository) private readonly present!: MemoryRepository;

  override async store(
    scope: TenantScope,
    request: StoreMemory,
    options: MutationOptions = {},
  ): Promise<Memory> {
    scope.assertNamespace(request.namespace);
    scope.assertTrust(request.trust);
    const draft = { kind: 'store', memory: request } as const;
    const { memory } = await admitted(this.extensions, scope, draft);
    const stored = await super.store(scope, memory, options);
    tellStored(this.extensions, scope, [stored]);
    return stored;
  }

  override async patch(
    scope: TenantScope,
    address: MemoryAddress,
    patch: PatchMemory,
    options: MutationOptions = {},
  ): Promise<Memory> {
    scope.assertTrust(patch.trust);
    const current = await this.found(scope, address, 'beforeStore');
    const draft = current && ({ kind: 'update', current, changes: patch } as const);
    const changes = draft ? (await admitted(this.extensions, scope, draft)).changes : patch;
    const changed = await super.patch(scope, address, changes, options);
    tellStored(this.extensions, scope, [changed]);
    return changed;
  }

  override async delete(
    scope: TenantScope,
    address: MemoryAddress,
    options: MutationOptions = {},
  ): Promise<string> {
    const memory = await this.found(scope, address, 'beforeDelete', 'afterDelete');
    if (memory) await assertDeletable(this.extensions, scope, { kind: 'memory', memory });
    const receipt = await super.delete(scope, address, options);
    if (memory) {
      const deleted = { kind: 'memory', ids: [memory.id], receipt_id: receipt } as const;
      tellDeleted(this.extensions, scope, deleted);
    }
    return receipt;
  }

  /** Undefined when there is none, of which the service itself says so, or nobody asks. */
  private async found(
    scope: TenantScope,
    address: MemoryAddress,
    ...hooks: readonly HookName[]
  ): Promise<Memory | undefined> {
    return this.extensions.has(...hooks) ? this.present.find(scope, address) : undefined;
  }
}
