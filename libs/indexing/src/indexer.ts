import { Injectable } from '@nestjs/common';
import type { TenantScope } from '@soma/core';
import { VectorIndex } from '@soma/vector-index';
import { IndexOutbox, type OutboxTask } from './index-outbox.js';

export const BATCH_SIZE = 500;
const LEASE_MS = 30_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;

/** What one drained batch came to. */
export interface DrainReport {
  readonly claimed: number;
  readonly failed: number;
  /** The first failure, for the log. */
  readonly error?: unknown;
}

/** Brings the vector index to what Postgres says, one batch of the outbox at a time. */
@Injectable()
export class Indexer {
  constructor(
    private readonly outbox: IndexOutbox,
    private readonly index: VectorIndex,
  ) {}

  /** Claims and applies one batch; what fails is given back for later. */
  async drainBatch(): Promise<DrainReport> {
    const tasks = await this.outbox.claim(BATCH_SIZE, LEASE_MS);
    let failed = 0;
    let firstError: unknown;
    for (const group of groupsOfTenant(tasks)) {
      try {
        await this.apply(group);
      } catch (error) {
        failed += group.length;
        firstError ??= error;
        await this.outbox.retry(group, retryDelay(group));
      }
    }
    return { claimed: tasks.length, failed, ...(failed > 0 && { error: firstError }) };
  }

  private async apply(tasks: readonly [OutboxTask, ...OutboxTask[]]): Promise<void> {
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

function groupsOfTenant(tasks: readonly OutboxTask[]): [OutboxTask, ...OutboxTask[]][] {
  const groups = Map.groupBy(tasks, (task) => task.scope.tenantId);
  return [...groups.values()].flatMap(([first, ...rest]) => (first ? [[first, ...rest]] : []));
}

/** Doubles with each try, up to half a minute. */
function retryDelay(tasks: readonly OutboxTask[]): number {
  const attempts = Math.min(...tasks.map((task) => task.attempts));
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.max(0, attempts - 1));
}
