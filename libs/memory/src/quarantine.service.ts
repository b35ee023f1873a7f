import { Injectable } from '@nestjs/common';
import {
  decodeCursor,
  encodeCursor,
  memoryId,
  SomaError,
  TenantScope,
  UnitOfWork,
} from '@soma/core';
import type { WriterSince } from './take-back.js';
import { itemErrorOf } from './item-error.js';
import { MemoryDrafter } from './memory-drafter.js';
import { MemoryRepository } from './memory-repository.js';
import { storedMemory } from './memory.service.js';
import { Quarantine, type QuarantinedWrite, type QuarantineTarget } from './quarantine.js';
import {
  type ListQuarantine,
  MOST_RELEASED,
  type QuarantinedWriteView,
  type QuarantineList,
  type QuarantineRequest,
  type Rejection,
  type Release,
} from './quarantine.schema.js';

const MOST_REJECTED = 1_000;
/** Below what a request may take. */
const BUDGET_MS = 15_000;

/** What writers in quarantine stored: shown, released, or deleted. */
@Injectable()
export class QuarantineService {
  constructor(
    private readonly quarantine: Quarantine,
    private readonly memories: MemoryRepository,
    private readonly drafter: MemoryDrafter,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** `readsData`: whether the caller may see what the writes say. */
  async list(
    scope: TenantScope,
    { token, namespace, limit, cursor }: ListQuarantine,
    { readsData }: { readonly readsData: boolean },
  ): Promise<QuarantineList> {
    const question = { tenant: scope.tenantId, list: 'quarantine', token, namespace };
    const after =
      cursor === undefined ? undefined : memoryId(decodeCursor(cursor, question, isText).id);
    const page = { token, namespace, after, limit: limit + 1 };
    const found = await this.quarantine.list(scope, page);
    const last = found.length > limit ? found[limit - 1] : undefined;
    return {
      writes: found.slice(0, limit).map((write) => viewOf(write, readsData)),
      next_cursor: last ? encodeCursor({ value: 'after', id: last.id }, question) : null,
    };
  }

  /**
   * Stores the writes as their writer's, with the trust they came with, in the order in which they
   * were made: as new memories, or as versions where the coordinate is taken. Each by itself.
   */
  async release(scope: TenantScope, request: QuarantineRequest): Promise<Release> {
    const target = targetOf(request);
    const until = performance.now() + BUDGET_MS;
    const released: string[] = [];
    const failed: Release['failed'] = [];
    for (const write of await this.quarantine.find(scope, target, FIRST_PAGE)) {
      if (performance.now() > until) break;
      try {
        if (await this.releaseOne(scope, write)) released.push(write.id);
      } catch (error) {
        if (!(error instanceof SomaError) || error.status >= 500) throw error;
        failed.push({ id: write.id, error: itemErrorOf(error) });
      }
    }
    return { released, failed, remaining: await this.quarantine.count(scope, target) };
  }

  /** Deletes the writes with all that they said. */
  async reject(scope: TenantScope, request: QuarantineRequest): Promise<Rejection> {
    const target = targetOf(request);
    const done = await this.unitOfWork.run(scope, undefined, () =>
      this.quarantine.reject(scope, target, MOST_REJECTED),
    );
    return {
      deleted: done?.deleted ?? 0,
      remaining: await this.quarantine.count(scope, target),
      receipt_id: done?.receiptId ?? null,
    };
  }

  /** What a writer has in quarantine since then. */
  count(scope: TenantScope, of: WriterSince): Promise<number> {
    return this.quarantine.count(scope, { kind: 'writer', ...of });
  }

  private async releaseOne(scope: TenantScope, write: QuarantinedWrite): Promise<boolean> {
    const { draft, writtenBy: tokenId } = write;
    const writer = { tokenId, trust: draft.trust, quarantined: false };
    const asWriter = TenantScope.of(scope.tenantId, undefined, writer);
    const embedding = await this.drafter.embed(scope, draft.content);
    return this.unitOfWork.run(scope, undefined, async () => {
      if (!(await this.quarantine.take(scope, write))) return false;
      const [outcome] = await this.memories.store(asWriter, [{ ...draft, embedding }]);
      storedMemory(outcome);
      return true;
    });
  }
}

const FIRST_PAGE = { after: undefined, limit: MOST_RELEASED };

const isText = (value: string | number): boolean => typeof value === 'string';

function targetOf({ ids, token = '', since }: QuarantineRequest): QuarantineTarget {
  if (ids) return { kind: 'ids', ids: ids.map((id) => memoryId(id.toLowerCase())) };
  return { kind: 'writer', token, since: since === undefined ? undefined : new Date(since) };
}

function viewOf(write: QuarantinedWrite, readsData: boolean): QuarantinedWriteView {
  const { draft } = write;
  const { content, payload, metadata, memory_type, importance, session_id, speaker } = draft;
  const { prediction, expires_at, slot, valid_from } = draft;
  const tags = [...draft.tags];
  const said = { content, payload, metadata, memory_type, tags, importance, session_id, speaker };
  return {
    id: write.id,
    namespace: draft.namespace,
    coordinate: draft.coordinate.text,
    source: readsData ? draft.source : null,
    trust: draft.trust,
    written_by: write.writtenBy,
    written_at: write.writtenAt.toISOString(),
    memory: readsData ? { ...said, prediction, expires_at, slot, valid_from } : null,
  };
}
