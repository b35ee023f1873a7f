import { memoryId, TenantScope } from '@soma/core';
import { blankAttributes, type IndexEntry } from '@soma/vector-index';
import { type Backlog, IndexOutbox, type OutboxTask } from './index-outbox.js';

interface Row {
  readonly task: Omit<OutboxTask, 'attempts'>;
  attempts: number;
  availableAt: number;
  parkedAt: number | undefined;
}

/** An outbox in memory, with a clock that is set by hand. */
export class InMemoryOutbox extends IndexOutbox {
  now = 0;
  readonly indexed: string[] = [];
  private rows: Row[] = [];
  private lastId = 0;

  add(scope: TenantScope, entryId: string, operation: OutboxTask['operation'] = 'insert'): void {
    const task = { id: String(++this.lastId), scope, operation, entryId, model: 'm' };
    this.rows.push({ task, attempts: 0, availableAt: this.now, parkedAt: undefined });
  }

  attemptsOf(entryId: string): number | undefined {
    return this.rows.find(({ task }) => task.entryId === entryId)?.attempts;
  }

  /** Moves the clock to when the next task may be claimed. */
  toNext(): void {
    this.now = Math.max(this.now, Math.min(...this.rows.map(({ availableAt }) => availableAt)));
  }

  async claim(limit: number, leaseMs: number): Promise<OutboxTask[]> {
    const free = this.rows.filter((row) => row.availableAt <= this.now).slice(0, limit);
    return free.map((row) => {
      row.attempts += 1;
      row.availableAt = this.now + leaseMs;
      row.parkedAt = undefined;
      return { ...row.task, attempts: row.attempts };
    });
  }

  async load(_scope: TenantScope, entryIds: readonly string[]): Promise<IndexEntry[]> {
    return entryIds.map((entryId) => ({
      entryId,
      memoryId: memoryId(entryId),
      namespace: 'default',
      model: 'm',
      vector: new Float32Array([1]),
      attributes: blankAttributes('episodic'),
    }));
  }

  async complete(_scope: TenantScope, tasks: readonly OutboxTask[]): Promise<void> {
    this.indexed.push(...tasks.map(({ entryId }) => entryId));
    const done = new Set(tasks.map(({ id }) => id));
    this.rows = this.rows.filter(({ task }) => !done.has(task.id));
  }

  async retry(tasks: readonly OutboxTask[], delayMs: number): Promise<void> {
    this.putOff(tasks, delayMs, () => {});
  }

  async giveBack(tasks: readonly OutboxTask[], delayMs: number): Promise<void> {
    this.putOff(tasks, delayMs, (row) => (row.attempts -= 1));
  }

  async park(tasks: readonly OutboxTask[], delayMs: number): Promise<void> {
    this.putOff(tasks, delayMs, (row) => (row.parkedAt = this.now));
  }

  async backlog(): Promise<Backlog> {
    const parked = this.rows.filter(({ parkedAt }) => parkedAt !== undefined).length;
    return { tasks: this.rows.length - parked, oldestSeconds: 0, parked };
  }

  async forgetOldKeys(): Promise<number> {
    return 0;
  }

  private putOff(tasks: readonly OutboxTask[], delayMs: number, change: (row: Row) => void): void {
    const ids = new Set(tasks.map(({ id }) => id));
    for (const row of this.rows.filter(({ task }) => ids.has(task.id))) {
      row.availableAt = this.now + delayMs;
      change(row);
    }
  }
}
