import { Injectable } from '@nestjs/common';
import { Clock, memoryId, SomaError, type TenantScope, UnitOfWork } from '@soma/core';
import {
  type Memory,
  type MemoryAddress,
  MemoryRepository,
  type MutationOptions,
} from '@soma/memory';
import { HoldStore } from './hold-store.js';
import type { LegalHold, PlaceHold } from './hold.schema.js';

/** Memories that must be kept: while held, nothing deletes them, and they do not fade. */
@Injectable()
export class HoldService {
  constructor(
    private readonly store: HoldStore,
    private readonly memories: MemoryRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /** @throws SomaError MEMORY_NOT_FOUND */
  place(
    scope: TenantScope,
    address: MemoryAddress,
    { reason }: PlaceHold,
    { claim }: MutationOptions = {},
  ): Promise<LegalHold> {
    return this.unitOfWork.run(scope, claim, async () => {
      const memory = await this.found(scope, address);
      const hold = { reason, placedAt: this.clock.now() };
      const placed = await this.store.place(scope, memoryId(memory.id), hold);
      const { reason: kept, placedAt } = placed;
      return { memory_id: memory.id, reason: kept, placed_at: placedAt.toISOString() };
    });
  }

  /** @throws SomaError MEMORY_NOT_FOUND, or HOLD_NOT_FOUND for one that is not held. */
  lift(
    scope: TenantScope,
    address: MemoryAddress,
    { claim }: MutationOptions = {},
  ): Promise<Record<string, never>> {
    return this.unitOfWork.run(scope, claim, async () => {
      const { id } = await this.found(scope, address);
      if (await this.store.lift(scope, memoryId(id))) return {};
      throw new SomaError('HOLD_NOT_FOUND', `The memory ${id} is not held.`);
    });
  }

  private async found(scope: TenantScope, address: MemoryAddress): Promise<Memory> {
    const memory = await this.memories.find(scope, address, 'for-update');
    if (memory) return memory;
    throw new SomaError('MEMORY_NOT_FOUND', 'There is no memory of that address.');
  }
}
