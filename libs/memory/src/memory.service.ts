import { Injectable } from '@nestjs/common';
import {
  Clock,
  derivedTrust,
  type IdempotencyClaim,
  memoryId,
  SomaError,
  type TenantScope,
  UnitOfWork,
} from '@soma/core';
import { contentOfPayload } from './content.js';
import { carryOn, MemoryDeletions } from './memory-deletions.js';
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
    private readonly deletions: MemoryDeletions,
  ) {}

  async store(
    scope: TenantScope,
    request: StoreMemory,
    { claim }: MutationOptions = {},
  ): Promise<Memory> {
    scope.assertNamespace(request.namespace);
    scope.assertTrust(request.trust);
    const drafts = await this.drafter.draft(scope, [request]);
    return this.unitOfWork.run(scope, claim, async () => {
      const [outcome] = await this.memories.store(scope, drafts);
      return storedMemory(outcome);
    });
  }

  async get(scope: TenantScope, address: MemoryAddress): Promise<Memory> {
    return this.foundOrStandIn(
      scope,
      address,
      await this.memories.access(scope, address, this.clock.now()),
    );
  }

  async patch(
    scope: TenantScope,
    address: MemoryAddress,
    patch: PatchMemory,
    { claim, ifMatch }: MutationOptions = {},
  ): Promise<Memory> {
    scope.assertTrust(patch.trust);
    const content = patch.content ?? drawnContent(patch);
    const embedding = content === undefined ? undefined : await this.drafter.embed(scope, content);
    return this.unitOfWork.run(scope, claim, async () => {
      const current = await this.locked(scope, address);
      assertVersion(ifMatch, current);
      assertSlotted(current, patch);
      const changes = {
        ...changesOf(current, patch, content),
        trust: patch.trust ?? derivedTrust([current, scope.writer]),
      };
      return this.memories.update(scope, memoryId(current.id), changes, {
        embedding: changes.content === undefined ? undefined : embedding,
      });
    });
  }

  /** @returns the id of the receipt. */
  async delete(
    scope: TenantScope,
    address: MemoryAddress,
    { claim, ifMatch }: MutationOptions = {},
  ): Promise<string> {
    const begun = await this.unitOfWork.run(scope, claim, async () => {
      const current = await this.locked(scope, address);
      assertVersion(ifMatch, current);
      const target = { kind: 'ids', ids: [memoryId(current.id)] } as const;
      const progress = await this.deletions.begin(scope, { kind: 'memory', target });
      if (!progress) throw new Error('A memory that is locked was not there to be deleted.');
      return progress;
    });
    return (await carryOn(this.deletions, scope, begun)).receipt_id;
  }

  private async locked(scope: TenantScope, address: MemoryAddress): Promise<Memory> {
    return this.foundOrStandIn(
      scope,
      address,
      await this.memories.find(scope, address, 'for-update'),
    );
  }

  /** Of a memory that was merged the answer says what stands for it. */
  private async foundOrStandIn(
    scope: TenantScope,
    address: MemoryAddress,
    memory: Memory | undefined,
  ): Promise<Memory> {
    if (memory || address.kind !== 'id') return foundMemory(memory, address);
    const kept = await this.memories.standInOf(scope, address.id);
    if (!kept) return foundMemory(memory, address);
    throw new SomaError(
      'MEMORY_NOT_FOUND',
      `The memory ${address.id} was merged into ${kept}, which says the same; use that, or put this ` +
        `one back with POST /memories/${address.id}/unmerge.`,
    );
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
  const drawn = wasDrawn && content !== undefined ? { ...patch, content } : patch;
  return patch.slot === null ? { ...drawn, valid_from: null } : drawn;
}

/** @throws SomaError VALIDATION_FAILED for a time from which nothing is valid. */
function assertSlotted(current: Memory, { slot, valid_from }: PatchMemory): void {
  if (valid_from === undefined || valid_from === null) return;
  if ((slot === undefined ? current.slot : slot) !== null) return;
  throw new SomaError(
    'VALIDATION_FAILED',
    'valid_from needs a slot: the memory has none; say which fact is valid from then on.',
  );
}

/** @throws SomaError MEMORY_NOT_FOUND, naming the address. */
export function foundMemory(memory: Memory | undefined, address: MemoryAddress): Memory {
  if (memory) return memory;
  const name =
    address.kind === 'id'
      ? `of id ${address.id}`
      : `at "${address.coordinate.text}" in namespace "${address.namespace}"`;
  throw new SomaError('MEMORY_NOT_FOUND', `There is no memory ${name}.`);
}
