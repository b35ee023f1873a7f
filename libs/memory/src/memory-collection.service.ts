import { Injectable } from '@nestjs/common';
import {
  decodeCursor,
  encodeCursor,
  isCanonicalTime,
  memoryId,
  parseCoordinate,
  scanJson,
  SomaError,
  type TenantScope,
  UnitOfWork,
} from '@soma/core';
import { parseFilter } from '@soma/filter';
import { parseBulk } from './bulk-items.js';
import { MemoryDrafter } from './memory-drafter.js';
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
  type StoreOutcome,
} from './memory-repository.js';
import type { Memory } from './memory.schema.js';
import { type MutationOptions, storedMemory } from './memory.service.js';

const MAX_IDS_SHOWN = 1_000;

/** Many memories at a time: list, store in bulk, delete by filter or ids. */
@Injectable()
export class MemoryCollectionService {
  constructor(
    private readonly memories: MemoryRepository,
    private readonly drafter: MemoryDrafter,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  async list(scope: TenantScope, query: ListMemories): Promise<MemoryPage> {
    const { cursor, limit, ...rest } = query;
    const question = { tenant: scope.tenantId, ...rest };
    const memories = await this.memories.list(scope, {
      ...pageRequest(query),
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

  /** Stores every valid item in one transaction; an item that is not valid stops no other. */
  async storeBulk(
    scope: TenantScope,
    request: BulkStore,
    { claim }: MutationOptions = {},
  ): Promise<BulkResult> {
    const { valid, rejected } = parseBulk(request.memories);
    const drafts = await this.drafter.draft(
      scope,
      valid.map((item) => item.request),
    );
    return this.unitOfWork.run(scope, claim, async () => {
      const outcomes = drafts.length === 0 ? [] : await this.memories.store(scope, drafts);
      const stored = valid.map((item, position) => itemResult(item.index, outcomes[position]));
      const results = [...rejected, ...stored].sort((left, right) => left.index - right.index);
      const failed = results.filter((result) => result.error).length;
      return { results, stored: results.length - failed, failed };
    });
  }

  delete(
    scope: TenantScope,
    request: DeleteMemories,
    { claim }: MutationOptions = {},
  ): Promise<Deletion> {
    const target = deletionTarget(request);
    return this.unitOfWork.run(scope, claim, async () => {
      if (request.dry_run) {
        const { matched, ids } = await this.memories.match(scope, target, MAX_IDS_SHOWN);
        return { matched, deleted: 0, dry_run: true, ids };
      }
      const ids = await this.memories.delete(scope, target);
      const shown = ids.slice(0, MAX_IDS_SHOWN);
      return { matched: ids.length, deleted: ids.length, dry_run: false, ids: shown };
    });
  }
}

function itemResult(index: number, outcome: StoreOutcome | undefined): BulkItemResult {
  try {
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
  const filters = [];
  if (query.filter !== undefined) filters.push(parseFilter(parseJson(query.filter)));
  if (query.tag !== undefined) filters.push(parseFilter({ tags: query.tag }));
  const [first] = filters;
  return {
    namespace: query.namespace,
    memoryType: query.memory_type,
    box: boundingBox(query),
    filter: filters.length > 1 ? { kind: 'and', filters } : first,
    sort: query.sort,
    order: query.order,
  };
}

function parseJson(text: string): unknown {
  scanJson(text);
  try {
    return JSON.parse(text);
  } catch {
    throw new SomaError('FILTER_INVALID', 'The parameter "filter" is not JSON.');
  }
}

function boundingBox({ min_coord, max_coord }: ListMemories): MemoryPageRequest['box'] {
  if (min_coord === undefined && max_coord === undefined) return undefined;
  if (min_coord === undefined || max_coord === undefined) {
    throw new SomaError('COORDINATE_INVALID', 'Give both min_coord and max_coord, or neither.');
  }
  const [min, max] = [parseCoordinate(min_coord).values, parseCoordinate(max_coord).values];
  if (min.length !== max.length) {
    throw new SomaError(
      'COORDINATE_INVALID',
      `min_coord has ${min.length} numbers and max_coord ${max.length}; they need as many.`,
    );
  }
  return { min, max };
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
