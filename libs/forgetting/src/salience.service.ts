import { Injectable } from '@nestjs/common';
import { Clock, memoryId, SomaError, type TenantScope } from '@soma/core';
import { halfLifeMsOf, salienceParts } from '@soma/hierarchy';
import { type MemoryAddress, MemoryRepository } from '@soma/memory';
import { DecayPolicyService } from './decay-policy.service.js';
import { HoldStore } from './hold-store.js';
import type { Salience } from './salience.schema.js';
import { VersionsAt } from './versions-at.js';

/** Importance of a memory at a moment, explained. Asking counts as no use. */
@Injectable()
export class SalienceService {
  constructor(
    private readonly memories: MemoryRepository,
    private readonly versions: VersionsAt,
    private readonly holds: HoldStore,
    private readonly policies: DecayPolicyService,
    private readonly clock: Clock,
  ) {}

  /**
   * At a moment past, with the importance, type and pin of the version of then; of accesses only the
   * last is known, and of half-lives and holds only those of now.
   * @throws SomaError MEMORY_NOT_FOUND
   */
  async at(scope: TenantScope, address: MemoryAddress, at: string | undefined): Promise<Salience> {
    const memory = await this.memories.find(scope, address);
    if (!memory) {
      throw new SomaError('MEMORY_NOT_FOUND', 'There is no memory of that address.');
    }
    const moment = at === undefined ? this.clock.now() : new Date(at);
    const id = memoryId(memory.id);
    const version = (await this.versions.find(scope, id, moment)) ?? memory;
    const held = (await this.holds.find(scope, id)) !== undefined;
    const { memory_type: type, tier, pinned } = version;
    const { last_accessed_at: accessed } = memory;
    const parts = salienceParts(
      {
        importance: version.importance,
        createdAt: Date.parse(memory.created_at),
        accessCount: memory.access_count,
        lastAccessedAt: accessed === null ? undefined : Date.parse(accessed),
        pinned: pinned || held,
        halfLifeMs: halfLifeMsOf(await this.policies.halfLives(scope), type, tier),
      },
      moment.getTime(),
    );
    return {
      id: memory.id,
      at: moment.toISOString(),
      salience: parts.salience,
      parts: {
        importance: parts.importance,
        fades: parts.fades,
        idle_ms: parts.idleMs,
        accesses: parts.accesses,
        reinforcement: parts.reinforcement,
        half_life_ms: parts.halfLifeMs,
        lasting_ms: parts.lastingMs,
      },
      memory_type: type,
      tier,
      pinned,
      held,
    };
  }
}
