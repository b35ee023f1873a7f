import { Injectable } from '@nestjs/common';
import {
  decodeCursor,
  encodeCursor,
  isCanonicalTime,
  memoryId,
  SomaError,
  type TenantScope,
  UnitOfWork,
} from '@soma/core';
import { EncryptedFields } from '@soma/encryption';
import { parseFilter } from '@soma/filter';
import { coordinateTaken, parseBulk, withoutTaken } from './bulk-items.js';
import { carryOn, MemoryDeletions } from './memory-deletions.js';
import { MemoryDrafter } from './memory-drafter.js';
import { memoryConditions } from './memory-conditions.js';
import type {
  BulkItemResult,
  BulkResult,
  BulkStore,
  DeleteMemories,
  Deletion,
  ListMemories,
  MemoryPage,
  SortKey,
} from './memory-list.schema.js';
import {
  type DeletionTarget,
  MemoryRepository,
  type MemoryPageRequest,
  type StoreOptions,
  type StoreOutcome,
} from './memory-repository.js';
import type { Memory } from './memory.schema.js';
import { type MutationOptions, storedMemory } from './memory.service.js';

const MAX_IDS_SHOWN = 1_000;

export type BulkOptions = MutationOptions & StoreOptions;

/** Many memories at a time: list, store in bulk, delete by filter or ids. */
@Injectable()
export class MemoryCollectionService {
  constructor(
    private readonly memories: MemoryRepository,
    private readonly drafter: MemoryDrafter,
    private readonly unitOfWork: UnitOfWork,
    private readonly deletions: MemoryDeletions,
    private readonly encrypted: EncryptedFields,
  ) {}

  async list(scope: TenantScope, query: ListMemories): Promise<MemoryPage> {
    scope.assertNamespace(query.namespace);
    const { cursor, limit, ...rest } = query;
    const question = { tenant: scope.tenantId, ...rest };
    const page = pageRequest(query);
    await this.encrypted.assertFilterable(scope, page.filter);
    const memories = await this.memories.list(scope, {
      ...page,
      limit: limit + 1,
      after:
        cursor === undefined ? undefined : decodeCursor(cursor, question, SORT_VALUES[query.sort]),
    });
    const last = memories.length > limit ? memories[limit - 1] : undefined;
    return {
      memories: memories.slice(0, limit),
      next_cursor: last
        ? encodeCursor({ value: sortValue(last, query.sort), id: last.id }, question)
        : null,
    };
  }

  /**
   * Stores every valid item in one transaction; an item that is not valid stops no other. With
   * `onlyNew`, one whose coordinate is taken is answered with COORDINATE_TAKEN.
   */
  async storeBulk(
    scope: TenantScope,
    request: BulkStore,
    { claim, onlyNew = false }: BulkOptions = {},
  ): Promise<BulkResult> {
    const parsed = parseBulk(scope, request.memories);
    const { valid, rejected } = onlyNew ? await withoutTaken(scope, parsed, this.memories) : parsed;
    const drafts = await this.drafter.draft(
      scope,
      valid.map((item) => item.request),
    );
    return this.unitOfWork.run(scope, claim, async () => {
      const outcomes =
        drafts.length === 0 ? [] : await this.memories.store(scope, drafts, { onlyNew });
      const stored = valid.map((item, position) => itemResult(item.index, outcomes[position]));
      const results = [...rejected, ...stored].sort((left, right) => left.index - right.index);
      const failed = results.filter((result) => result.error).length;
      return { results, stored: results.length - failed, failed };
    });
  }

  /**
   * Up to a batch goes in one transaction, all or nothing. More go batch by batch; `deleted` is less
   * than `matched` when the worker has to finish it.
   */
  async delete(
    scope: TenantScope,
    request: DeleteMemories,
    { claim }: MutationOptions = {},
  ): Promise<Deletion> {
    const target = deletionTarget(request);
    if (target.kind === 'filter') {
      scope.assertNamespace(target.namespace);
      await this.encrypted.assertFilterable(scope, target.filter);
    }
    const { matched, ids, begun } = await this.unitOfWork.run(scope, claim, async () => {
      const found = await this.memories.match(scope, target, MAX_IDS_SHOWN);
      if (request.dry_run) return { ...found, begun: null };
      const progress = await this.deletions.begin(scope, { kind: 'memories', target });
      return { ...found, begun: progress ?? null };
    });
    const done = begun && (await carryOn(this.deletions, scope, begun));
    return {
      matched,
      deleted: done?.deleted ?? 0,
      dry_run: request.dry_run,
      ids,
      receipt_id: done?.receipt_id ?? null,
    };
  }
}

function itemResult(index: number, outcome: StoreOutcome | undefined): BulkItemResult {
  try {
    if (outcome?.kind === 'coordinate-taken') throw coordinateTaken(outcome.coordinate);
    return { index, status: 201, memory: storedMemory(outcome) };
  } catch (error) {
    if (!(error instanceof SomaError)) throw error;
    const { code, message: detail } = error;
    return { index, status: error.status, error: { code, detail, errors: [] } };
  }
}

function deletionTarget(request: DeleteMemories): DeletionTarget {
  if (request.ids) return { kind: 'ids', ids: request.ids.map((id) => memoryId(id.toLowerCase())) };
  return {
    kind: 'filter',
    namespace: request.namespace,
    filter: parseFilter(request.filter),
  };
}

function pageRequest(query: ListMemories): Omit<MemoryPageRequest, 'limit' | 'after'> {
  return {
    ...memoryConditions(query),
    knownAt: query.known_at === undefined ? undefined : new Date(query.known_at),
    validAt: query.valid_at === undefined ? undefined : new Date(query.valid_at),
    sort: query.sort,
    order: query.order,
  };
}

function sortValue(memory: Memory, sort: SortKey): string | number {
  return memory[sort];
}

const isTime = (value: string | number): boolean => isCanonicalTime(String(value));

/** What a page's last row can have as its sort value. */
const SORT_VALUES: Record<SortKey, (value: string | number) => boolean> = {
  created_at: isTime,
  updated_at: isTime,
  importance: (value) => typeof value === 'number',
  coordinate: (value) => typeof value === 'string',
};
