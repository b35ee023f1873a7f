import { Injectable } from '@nestjs/common';
import {
  Clock,
  type IdempotencyClaim,
  memoryId,
  SomaError,
  type TenantScope,
  UnitOfWork,
} from '@soma/core';
import { contentOfPayload } from './content.js';
import { MemoryDrafter } from './memory-drafter.js';
import {
  type MemoryAddress,
  type MemoryChanges,
  MemoryRepository,
  type StoreOutcome,
} from './memory-repository.js';
import type { Memory, PatchMemory, StoreMemory } from './memory.schema.js';
import { assertVersion } from './version-precondition.js';

/** What a mutation may carry besides its body. */
export interface MutationOptions {
  readonly claim?: IdempotencyClaim;
  readonly ifMatch?: string;
}

/** One memory at a time: store, read, change, delete. */
@Injectable()
export class MemoryService {
  constructor(
    private readonly memories: MemoryRepository,
    private readonly drafter: MemoryDrafter,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  async store(
    scope: TenantScope,
    request: StoreMemory,
    { claim }: MutationOptions = {},
  ): Promise<Memory> {
    const drafts = await this.drafter.draft(scope, [request]);
    return this.unitOfWork.run(scope, claim, async () => {
      const [outcome] = await this.memories.store(scope, drafts);
      return storedMemory(outcome);
    });
  }

  async get(scope: TenantScope, address: MemoryAddress): Promise<Memory> {
    return found(await this.memories.access(scope, address, this.clock.now()), address);
  }

  async patch(
    scope: TenantScope,
    address: MemoryAddress,
    patch: PatchMemory,
    { claim, ifMatch }: MutationOptions = {},
  ): Promise<Memory> {
    const content = patch.content ?? drawnContent(patch);
    const embedding = content === undefined ? undefined : await this.drafter.embed(scope, content);
    return this.unitOfWork.run(scope, claim, async () => {
      const current = found(await this.memories.find(scope, address, 'for-update'), address);
      assertVersion(ifMatch, current);
      const changes = changesOf(current, patch, content);
      return this.memories.update(
        scope,
        memoryId(current.id),
        changes,
        changes.content === undefined ? undefined : embedding,
      );
    });
  }

  delete(
    scope: TenantScope,
    address: MemoryAddress,
    { claim, ifMatch }: MutationOptions = {},
  ): Promise<{ deleted: 1 }> {
    return this.unitOfWork.run(scope, claim, async () => {
      const current = found(await this.memories.find(scope, address, 'for-update'), address);
      assertVersion(ifMatch, current);
      await this.memories.delete(scope, { kind: 'ids', ids: [memoryId(current.id)] });
      return { deleted: 1 as const };
    });
  }
}

/** @throws SomaError MEMORY_NOT_FOUND for a draft whose link has no target. */
export function storedMemory(outcome: StoreOutcome | undefined): Memory {
  if (outcome?.kind === 'stored') return outcome.memory;
  const coordinate = outcome?.coordinate ?? '';
  throw new SomaError(
    'MEMORY_NOT_FOUND',
    `The link's target "${coordinate}" does not exist in this namespace; nothing was stored.`,
  );
}

/** The text of a patch's payload, if it has one. */
function drawnContent({ payload }: PatchMemory): string | undefined {
  const content = payload === undefined ? '' : contentOfPayload(payload);
  return content.trim() === '' ? undefined : content;
}

/** Content that was drawn from the payload is drawn again when the payload changes. */
function changesOf(current: Memory, patch: PatchMemory, content?: string): MemoryChanges {
  const wasDrawn = current.content === contentOfPayload(current.payload);
  return wasDrawn && content !== undefined ? { ...patch, content } : patch;
}

function found(memory: Memory | undefined, address: MemoryAddress): Memory {
  if (memory) return memory;
  const name =
    address.kind === 'id'
      ? `of id ${address.id}`
      : `at "${address.coordinate.text}" in namespace "${address.namespace}"`;
  throw new SomaError('MEMORY_NOT_FOUND', `There is no memory ${name}.`);
}
