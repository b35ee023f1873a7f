import { Injectable } from '@nestjs/common';
import type { MemoryId, TenantScope } from '@soma/core';
import { MemoryDrafter } from './memory-drafter.js';
import { type MemoryChanges, MemoryRepository, type UpdateOptions } from './memory-repository.js';
import { WriterHistory } from './writer-history.js';

/** A version read and embedded, ready to be repeated. */
export interface PreparedVersion {
  readonly version: number;
  readonly changes: MemoryChanges;
  readonly embedding: NonNullable<UpdateOptions['embedding']>;
}

/** Makes what an earlier version says current again, as a new version. */
@Injectable()
export class VersionRestorer {
  constructor(
    private readonly history: WriterHistory,
    private readonly memories: MemoryRepository,
    private readonly drafter: MemoryDrafter,
  ) {}

  /** Before the transaction, for embedding takes its time. */
  async prepare(
    scope: TenantScope,
    id: MemoryId,
    version: number,
  ): Promise<PreparedVersion | undefined> {
    const changes = await this.history.snapshot(scope, id, version);
    if (!changes) return undefined;
    return { version, changes, embedding: await this.drafter.embed(scope, changes.content) };
  }

  async restore(
    scope: TenantScope,
    id: MemoryId,
    { version, changes, embedding }: PreparedVersion,
  ): Promise<void> {
    await this.memories.update(scope, id, changes, { embedding, restoredFrom: version });
  }
}
