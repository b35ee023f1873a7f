import { Injectable } from '@nestjs/common';
import {
  decodeCursor,
  encodeCursor,
  memoryId,
  type MemoryId,
  parseCoordinate,
  SomaError,
  type TenantScope,
  UnitOfWork,
} from '@soma/core';
import {
  foundMemory,
  type MemoryAddress,
  MemoryRepository,
  type MutationOptions,
} from '@soma/memory';
import { MergeStore } from './merge-store.js';
import type { MergedList, MergedQuery, Unmerge, Unmerged } from './merged.schema.js';

/** What stands behind a memory, and putting it back. */
@Injectable()
export class UnmergeService {
  constructor(
    private readonly store: MergeStore,
    private readonly memories: MemoryRepository,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** @throws SomaError MEMORY_NOT_FOUND or CURSOR_INVALID. */
  async list(
    scope: TenantScope,
    address: MemoryAddress,
    { limit, cursor }: MergedQuery,
  ): Promise<MergedList> {
    const kept = memoryId(foundMemory(await this.memories.find(scope, address), address).id);
    const question = { tenant: scope.tenantId, kept };
    const after = cursor === undefined ? undefined : decodeCursor(cursor, question, () => true).id;
    const found = await this.store.list(scope, kept, { after, limit: limit + 1 });
    const merged = found.slice(0, limit);
    const last = found.length > limit ? merged.at(-1) : undefined;
    return {
      id: kept,
      merged,
      next_cursor: last ? encodeCursor({ value: last.id, id: last.id }, question) : null,
    };
  }

  /**
   * Puts a merged memory back exactly as it was; or, of the memory that was kept, all that stand
   * behind it, up to `limit`.
   * @throws SomaError MEMORY_NOT_FOUND, COORDINATE_TAKEN, or NAMESPACE_FORBIDDEN.
   */
  unmerge(
    scope: TenantScope,
    address: MemoryAddress,
    { coord, limit }: Unmerge,
    { claim }: MutationOptions = {},
  ): Promise<Unmerged> {
    scope.assertWholeTenant();
    const coordinate = coord === undefined ? undefined : parseCoordinate(coord);
    return this.unitOfWork.run(scope, claim, async () => {
      const member = address.kind === 'id' ? address.id : undefined;
      const into = member && (await this.memories.standInOf(scope, member));
      if (member && into) {
        await this.store.restore(scope, into, [member], coordinate);
        const more = await this.store.list(scope, into, { after: undefined, limit: 1 });
        return answer(into, [member], more.length > 0);
      }
      if (coordinate) throw coordinateOfMany();
      const kept = memoryId(foundMemory(await this.memories.find(scope, address), address).id);
      const found = await this.store.list(scope, kept, { after: undefined, limit: limit + 1 });
      const members = found.slice(0, limit).map(({ id }) => memoryId(id));
      if (members.length > 0) await this.store.restore(scope, kept, members, undefined);
      return answer(kept, members, found.length > limit);
    });
  }
}

const answer = (kept: MemoryId, members: readonly MemoryId[], remaining: boolean): Unmerged => ({
  id: kept,
  unmerged: members.map((id) => ({ id })),
  remaining,
});

const coordinateOfMany = (): SomaError =>
  new SomaError(
    'VALIDATION_FAILED',
    'A coord is for one merged memory: name it by its id, as GET /memories/{address}/merged lists it.',
  );
