import { Injectable } from '@nestjs/common';
import {
  decodeCursor,
  encodeCursor,
  type MemoryId,
  memoryId,
  type TenantScope,
  UnitOfWork,
} from '@soma/core';
import { carryOn, type DeletionProgress, MemoryDeletions } from './memory-deletions.js';
import { QuarantineService } from './quarantine.service.js';
import type { Rollback, RollbackItem, RollbackRequest } from './rollback.schema.js';
import { takeBack, type TakeBack, type WriterSince } from './take-back.js';
import { type PreparedVersion, VersionRestorer } from './version-restorer.js';
import { type MemoryHistory, WriterHistory } from './writer-history.js';

const LINKS_AT_ONCE = 1_000;

interface Plan {
  readonly history: MemoryHistory;
  readonly action: TakeBack;
}

interface PageOutcome {
  readonly memories: RollbackItem[];
  readonly receiptIds: string[];
}

/**
 * Takes back what one writer wrote since a moment, a page of memories at a time. What is taken back
 * is not found a second time, so a rollback that was cut off is asked for again from its beginning.
 */
@Injectable()
export class RollbackService {
  constructor(
    private readonly history: WriterHistory,
    private readonly restorer: VersionRestorer,
    private readonly quarantine: QuarantineService,
    private readonly deletions: MemoryDeletions,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  async rollBack(scope: TenantScope, request: RollbackRequest): Promise<Rollback> {
    const { token, limit, cursor, dry_run } = request;
    const of = { token, since: new Date(request.since) };
    const question = { tenant: scope.tenantId, rollback: token, since: of.since, dry_run };
    const after =
      cursor === undefined ? undefined : memoryId(decodeCursor(cursor, question, isText).id);
    const found = await this.history.memories(scope, of, { after, limit: limit + 1 });
    const ids = found.slice(0, limit);
    const last = found.length > limit ? ids.at(-1) : undefined;
    const besides = dry_run ? await this.counted(scope, of) : await this.besides(scope, of);
    const { memories, receiptIds } = dry_run
      ? await this.listed(scope, of, ids)
      : await this.page(scope, of, ids);
    return {
      token,
      since: of.since.toISOString(),
      dry_run,
      memories,
      links: besides.links,
      quarantined: besides.quarantined,
      receipt_ids: [...besides.receiptIds, ...receiptIds],
      next_cursor: last ? encodeCursor({ value: 'after', id: last }, question) : null,
      done:
        last === undefined && besides.done && !memories.some(({ reason }) => reason === 'changing'),
    };
  }

  private async counted(scope: TenantScope, of: WriterSince) {
    const links = await this.history.countLinks(scope, of);
    const quarantined = await this.quarantine.count(scope, of);
    return { links, quarantined, receiptIds: [], done: true };
  }

  private async besides(scope: TenantScope, of: WriterSince) {
    const links = await this.unitOfWork.run(scope, undefined, async () => {
      const removed = await this.history.removeLinks(scope, of, LINKS_AT_ONCE);
      if (removed > 0) await this.history.record(scope, of, { links: removed });
      return removed;
    });
    const request = { token: of.token, since: of.since.toISOString() };
    const {
      deleted,
      remaining,
      receipt_id: receipt,
    } = await this.quarantine.reject(scope, request);
    return {
      links,
      quarantined: deleted,
      receiptIds: receipt === null ? [] : [receipt],
      done: links < LINKS_AT_ONCE && remaining === 0,
    };
  }

  private async listed(
    scope: TenantScope,
    of: WriterSince,
    ids: readonly MemoryId[],
  ): Promise<PageOutcome> {
    const plans = plansOf(await this.history.histories(scope, ids), of);
    return { memories: plans.map(itemOf), receiptIds: [] };
  }

  private async page(
    scope: TenantScope,
    of: WriterSince,
    ids: readonly MemoryId[],
  ): Promise<PageOutcome> {
    if (ids.length === 0) return { memories: [], receiptIds: [] };
    const prepared = new Map<MemoryId, PreparedVersion>();
    for (const { history, action } of plansOf(await this.history.histories(scope, ids), of)) {
      if (action.kind !== 'restore') continue;
      const version = await this.restorer.prepare(scope, history.id, action.version);
      if (version) prepared.set(history.id, version);
    }
    const { memories, begun } = await this.unitOfWork.run(scope, undefined, () =>
      this.change(scope, of, { ids, prepared }),
    );
    if (begun) await carryOn(this.deletions, scope, begun);
    return { memories, receiptIds: begun ? [begun.receipt_id] : [] };
  }

  /** In one transaction, by what holds in it: meanwhile others may have written. */
  private async change(
    scope: TenantScope,
    of: WriterSince,
    {
      ids,
      prepared,
    }: { ids: readonly MemoryId[]; prepared: ReadonlyMap<MemoryId, PreparedVersion> },
  ): Promise<{ memories: RollbackItem[]; begun: DeletionProgress | null }> {
    const memories: RollbackItem[] = [];
    const doomed: MemoryId[] = [];
    for (const plan of plansOf(await this.history.histories(scope, ids, 'for-update'), of)) {
      const { action, history } = plan;
      const version = prepared.get(history.id);
      if (action.kind === 'restore' && version?.version !== action.version) {
        memories.push({ ...itemOf(plan), action: 'keep', version: null, reason: 'changing' });
        continue;
      }
      if (action.kind === 'delete') doomed.push(history.id);
      if (action.kind === 'restore' && version) {
        await this.restorer.restore(scope, history.id, version);
      }
      memories.push(itemOf(plan));
    }
    const order = { kind: 'memories', target: { kind: 'ids', ids: doomed } } as const;
    const begun = doomed.length > 0 ? await this.deletions.begin(scope, order) : undefined;
    const restored = memories.filter(({ action }) => action === 'restore').length;
    if (doomed.length + restored > 0) {
      await this.history.record(scope, of, { deleted: doomed.length, restored });
    }
    return { memories, begun: begun ?? null };
  }
}

const isText = (value: string | number): boolean => typeof value === 'string';

/** Of those in which something is to be said. */
function plansOf(histories: readonly MemoryHistory[], of: WriterSince): Plan[] {
  return histories
    .map((history) => ({ history, action: takeBack(history.versions, of) }))
    .filter(({ action }) => action.kind !== 'none');
}

function itemOf({ history, action }: Plan): RollbackItem {
  const { id, namespace, coordinate } = history;
  const reason = action.kind === 'keep' ? (action.mixed ? 'mixed' : 'rewritten') : null;
  return {
    memory_id: id,
    namespace,
    coordinate,
    action: action.kind === 'none' ? 'keep' : action.kind,
    version: action.kind === 'restore' ? action.version : null,
    reason,
  };
}
