import { Injectable } from '@nestjs/common';
import {
  Clock,
  decodeCursor,
  derivedTrust,
  encodeCursor,
  memoryId,
  SomaError,
  type TenantScope,
  UnitOfWork,
} from '@soma/core';
import { MemoryDrafter } from './memory-drafter.js';
import { type MemoryAddress, type MemoryChanges, MemoryRepository } from './memory-repository.js';
import { foundMemory, type MutationOptions } from './memory.service.js';
import type { Memory } from './memory.schema.js';
import { assertVersion } from './version-precondition.js';
import { VersionRepository } from './version-repository.js';
import type { ListVersions, VersionPage } from './version.schema.js';

/** What a memory was before, and making it so again. */
@Injectable()
export class VersionService {
  constructor(
    private readonly versions: VersionRepository,
    private readonly memories: MemoryRepository,
    private readonly drafter: MemoryDrafter,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /** Newest first. @throws SomaError MEMORY_NOT_FOUND or CURSOR_INVALID */
  async list(
    scope: TenantScope,
    address: MemoryAddress,
    { limit, cursor }: Pick<ListVersions, 'limit' | 'cursor'>,
  ): Promise<VersionPage> {
    const id = await this.idOf(scope, address);
    const question = { tenant: scope.tenantId, versions: id };
    const end = cursor === undefined ? undefined : decodeCursor(cursor, question, isVersion);
    const page = { limit: limit + 1, below: end && Number(end.value) };
    const versions = await this.versions.list(scope, id, page);
    const last = versions.length > limit ? versions[limit - 1] : undefined;
    return {
      versions: versions.slice(0, limit),
      next_cursor: last ? encodeCursor({ value: last.version, id }, question) : null,
    };
  }

  /** @throws SomaError MEMORY_NOT_FOUND or VERSION_NOT_FOUND */
  async read(scope: TenantScope, address: MemoryAddress, version: number): Promise<Memory> {
    const id = await this.idOf(scope, address);
    const found = await this.versions.find(scope, id, version);
    if (found) return found;
    throw new SomaError('VERSION_NOT_FOUND', `The memory ${id} has no version ${version}.`);
  }

  /** As it was known at a moment; no access is counted. @throws SomaError MEMORY_NOT_FOUND */
  async knownAt(scope: TenantScope, address: MemoryAddress, moment: Date): Promise<Memory> {
    return foundMemory(await this.versions.knownAt(scope, address, moment), address);
  }

  /**
   * Writes the fields of an earlier version as the next one; links stay as they are.
   * @throws SomaError MEMORY_NOT_FOUND, VERSION_NOT_FOUND, VERSION_MISMATCH, or VERSION_EXPIRED for a
   * version whose `expires_at` has passed, as restoring it would make the memory vanish.
   */
  async restore(
    scope: TenantScope,
    address: MemoryAddress,
    { version, claim, ifMatch }: MutationOptions & { readonly version: number },
  ): Promise<Memory> {
    const earlier = await this.read(scope, address, version);
    if (earlier.expires_at !== null && new Date(earlier.expires_at) <= this.clock.now()) {
      throw new SomaError(
        'VERSION_EXPIRED',
        `Version ${version} expired at ${earlier.expires_at}; restored, the memory would be gone. ` +
          'Read the version and store what you need of it.',
      );
    }
    const embedding = await this.drafter.embed(scope, earlier.content);
    const id = memoryId(earlier.id);
    return this.unitOfWork.run(scope, claim, async () => {
      const current = await this.memories.find(scope, { kind: 'id', id }, 'for-update');
      assertVersion(ifMatch, foundMemory(current, address));
      const trust = derivedTrust([earlier, scope.writer]);
      const changes = { ...fieldsOf(earlier), trust };
      return this.memories.update(scope, id, changes, { embedding, isWhole: true });
    });
  }

  private async idOf(scope: TenantScope, address: MemoryAddress) {
    return memoryId(foundMemory(await this.memories.find(scope, address), address).id);
  }
}

const isVersion = (value: string | number): boolean => Number.isInteger(value);

/** All that a version can change. */
function fieldsOf(memory: Memory): Required<MemoryChanges> {
  const { content, payload, metadata, memory_type, importance, tags } = memory;
  const { pinned, session_id, speaker, occurred_at, expires_at, source, trust } = memory;
  const { dedup, prediction, slot, valid_from } = memory;
  return {
    content,
    payload,
    metadata,
    memory_type,
    importance,
    tags,
    pinned,
    dedup,
    prediction,
    session_id,
    speaker,
    occurred_at,
    expires_at,
    source,
    trust,
    slot,
    valid_from,
  };
}
