import { Injectable, Logger } from '@nestjs/common';
import type { TenantScope } from '@soma/core';
import { Tracing } from '@soma/tracing';
import { isIndexPaused, VectorIndex } from '@soma/vector-index';
import { IndexOutbox, type OutboxTask } from './index-outbox.js';
import { outboxSpan, traceparentsOf } from './outbox-span.js';
import { chunksBySuspicion, MAX_TRIES, outageDelay, retryDelay } from './retry-policy.js';

export const BATCH_SIZE = 500;
const LEASE_MS = 30_000;
const PARKED_MS = 15 * 60_000;

/** What one drained batch came to. */
export interface DrainReport {
  readonly claimed: number;
  readonly failed: number;
  /** The first failure, for the log. */
  readonly error?: unknown;
}

type Tasks = readonly [OutboxTask, ...OutboxTask[]];

/** Brings the vector index to what Postgres says, one batch of the outbox at a time. */
@Injectable()
export class Indexer {
  private readonly logger = new Logger(Indexer.name);
  private outagesInARow = 0;

  constructor(
    private readonly outbox: IndexOutbox,
    private readonly index: VectorIndex,
    private readonly tracing: Tracing,
  ) {}

  /**
   * Claims and applies one batch; what fails is given back for later. Tasks that failed before are
   * tried in ever smaller company, so that one at fault ends up alone; after ten tries it is parked.
   */
  async drainBatch(): Promise<DrainReport> {
    const tasks = await this.outbox.claim(BATCH_SIZE, LEASE_MS);
    const chunks = groupsOfTenant(tasks).flatMap(chunksBySuspicion);
    let failed = 0;
    let firstError: unknown;
    for (const [at, chunk] of chunks.entries()) {
      try {
        await this.tracing.following(outboxSpan('index', chunk.length), traceparentsOf(chunk), () =>
          this.apply(chunk),
        );
        this.outagesInARow = 0;
      } catch (error) {
        firstError ??= error;
        if (await this.isOutage(error)) {
          const rest = chunks.slice(at).flat();
          await this.outbox.giveBack(rest, outageDelay(++this.outagesInARow));
          return { claimed: tasks.length, failed: failed + rest.length, error: firstError };
        }
        failed += chunk.length;
        await this.blame(chunk, error);
      }
    }
    return { claimed: tasks.length, failed, ...(failed > 0 && { error: firstError }) };
  }

  /** Only while the index finds its canary is a failure the task's own. */
  private async isOutage(error: unknown): Promise<boolean> {
    if (isIndexPaused(error)) return true;
    try {
      await this.index.check();
      return false;
    } catch {
      return true;
    }
  }

  private async blame(chunk: Tasks, error: unknown): Promise<void> {
    const [task] = chunk;
    if (chunk.length > 1 || task.attempts < MAX_TRIES) {
      await this.outbox.retry(chunk, retryDelay(chunk));
      return;
    }
    await this.outbox.park(chunk, PARKED_MS);
    const { id, operation, entryId, attempts } = task;
    this.logger.error(
      { err: error, task: id, operation, entry: entryId, attempts },
      'An index task keeps failing and is parked',
    );
  }

  private async apply(tasks: Tasks): Promise<void> {
    const { scope } = tasks[0];
    const inserts = tasks.filter((task) => task.operation === 'insert');
    const entries =
      inserts.length === 0
        ? []
        : await this.outbox.load(
            scope,
            inserts.map((task) => task.entryId),
          );
    if (entries.length > 0) await this.index.insert(scope, entries);
    await this.remove(
      scope,
      tasks.filter((task) => task.operation === 'remove'),
    );
    await this.outbox.complete(
      scope,
      tasks,
      entries.map((entry) => entry.entryId),
    );
  }

  private async remove(scope: TenantScope, tasks: readonly OutboxTask[]): Promise<void> {
    for (const [model, removed] of Map.groupBy(tasks, (task) => task.model)) {
      await this.index.remove(
        scope,
        model,
        removed.map((task) => task.entryId),
      );
    }
  }
}

function groupsOfTenant(tasks: readonly OutboxTask[]): Tasks[] {
  const groups = Map.groupBy(tasks, (task) => task.scope.tenantId);
  return [...groups.values()].flatMap(([first, ...rest]) => (first ? [[first, ...rest]] : []));
}
