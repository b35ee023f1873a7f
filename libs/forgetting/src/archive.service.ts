import { Injectable } from '@nestjs/common';
import {
  Clock,
  decodeCursor,
  encodeCursor,
  isCanonicalTime,
  isUuid,
  memoryId,
  parseCoordinate,
  SomaError,
  type TenantScope,
  UnitOfWork,
} from '@soma/core';
import {
  carryOn,
  type Memory,
  MemoryDeletions,
  MemoryRepository,
  type MutationOptions,
} from '@soma/memory';
import { type ArchivedFields, ArchiveStore } from './archive-store.js';
import type { ArchivePage, ListArchive, RestoreArchived } from './archive.schema.js';

/** What decayed: looking at it, bringing it back, deleting it before its time. */
@Injectable()
export class ArchiveService {
  constructor(
    private readonly store: ArchiveStore,
    private readonly memories: MemoryRepository,
    private readonly deletions: MemoryDeletions,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  async list(scope: TenantScope, query: ListArchive): Promise<ArchivePage> {
    if (query.namespace !== undefined) scope.assertNamespace(query.namespace);
    const { cursor, limit, ...rest } = query;
    const question = { tenant: scope.tenantId, ...rest };
    const isTime = (value: string | number): boolean => isCanonicalTime(String(value));
    const after = cursor === undefined ? undefined : decodeCursor(cursor, question, isTime);
    const archived = await this.store.list(scope, { ...rest, limit: limit + 1, after });
    const last = archived.length > limit ? archived[limit - 1] : undefined;
    return {
      archived: archived.slice(0, limit),
      next_cursor: last ? encodeCursor({ value: last.archived_at, id: last.id }, question) : null,
    };
  }

  /**
   * Puts back what an entry holds; it counts as a use, so that it does not decay again at once.
   * @throws SomaError ARCHIVE_NOT_FOUND, COORDINATE_TAKEN, or NAMESPACE_FORBIDDEN.
   */
  restore(
    scope: TenantScope,
    id: string,
    { coord }: RestoreArchived,
    { claim }: MutationOptions = {},
  ): Promise<Memory> {
    scope.assertWholeTenant();
    if (!isUuid(id)) throw notFound(id);
    const coordinate = coord === undefined ? undefined : parseCoordinate(coord);
    return this.unitOfWork.run(scope, claim, async () => {
      const fields = await this.store.takeFields(scope, id);
      const restored = fields
        ? await this.putBack(scope, fields, id)
        : await this.store.restoreMemory(scope, id, coordinate);
      if (restored === undefined) throw notFound(id);
      const used = { kind: 'id', id: restored } as const;
      const memory = await this.memories.access(scope, used, this.clock.now());
      if (!memory) throw notFound(id);
      return memory;
    });
  }

  /**
   * Deletes an archived memory for good. @returns the id of the receipt.
   * @throws SomaError ARCHIVE_NOT_FOUND or NAMESPACE_FORBIDDEN.
   */
  async delete(scope: TenantScope, id: string, { claim }: MutationOptions = {}): Promise<string> {
    scope.assertWholeTenant();
    if (!isUuid(id)) throw notFound(id);
    const begun = await this.unitOfWork.run(scope, claim, async () => {
      if (!(await this.store.has(scope, id))) throw notFound(id);
      const target = { kind: 'ids', ids: [memoryId(id.toLowerCase())] } as const;
      const progress = await this.deletions.begin(scope, { kind: 'memory', target });
      if (!progress) throw notFound(id);
      return progress;
    });
    return (await carryOn(this.deletions, scope, begun)).receipt_id;
  }

  /** What was written under a key since then stays. */
  private async putBack(
    scope: TenantScope,
    { memoryId: of, payload, metadata }: ArchivedFields,
    id: string,
  ): Promise<ArchivedFields['memoryId']> {
    const current = await this.memories.find(scope, { kind: 'id', id: of }, 'for-update');
    if (!current) throw notFound(id);
    await this.memories.update(scope, of, {
      ...(Object.keys(payload).length > 0 && { payload: { ...payload, ...current.payload } }),
      ...(Object.keys(metadata).length > 0 && { metadata: { ...metadata, ...current.metadata } }),
    });
    return of;
  }
}

const notFound = (id: string): SomaError =>
  new SomaError('ARCHIVE_NOT_FOUND', `There is nothing of id ${id} in the archive.`);
