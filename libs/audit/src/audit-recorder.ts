import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { BackgroundLoop, Clock, currentOrigin, type TenantScope } from '@soma/core';
import { v7 as uuidv7 } from 'uuid';
import type { AuditEntry, NotedEvent } from './audit-event.js';
import { AuditLog } from './audit-log.js';
import { LostEvents } from './lost-events.js';

export type RecallMode = 'off' | 'buffered' | 'strict';

const FLUSH_MS = 250;
/** Written at once: events, and ids of memories in them. */
const BATCH = { events: 500, ids: 10_000 };
/** Kept in memory at most: an event counts 1, and so does each id. About 20 MB. */
const MOST_WAITING = 200_000;

/** How recalls are kept, and who is told of events that could not be. */
export abstract class RecorderOptions {
  abstract readonly recalls: RecallMode;
  abstract onLost(events: number): void;
}

/**
 * Notes what has no transaction that an event could be part of: recalls, refusals and commands to the
 * whole service. `buffered`, they are written every 250 ms and at shutdown: a process that is killed
 * loses as much. `strict`, before the answer.
 */
@Injectable()
export class AuditRecorder implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(AuditRecorder.name);
  private readonly loop = new BackgroundLoop('write-audit', FLUSH_MS);
  private waiting: NotedEvent[] = [];
  private weight = 0;
  private isBehind = false;
  private readonly lost = new LostEvents();

  constructor(
    private readonly log: AuditLog,
    private readonly clock: Clock,
    private readonly options: RecorderOptions,
  ) {}

  onApplicationBootstrap(): void {
    this.loop.start(() => this.flush());
  }

  async onApplicationShutdown(): Promise<void> {
    await this.loop.stop();
    while (await this.flush()) continue;
    if (this.waiting.length > 0) this.lose(this.waiting.splice(0));
  }

  /** Notes that memories were shown; when this resolves, the answer may go out. */
  async recall(scope: TenantScope, entry: AuditEntry): Promise<void> {
    if (this.options.recalls !== 'off') await this.note(scope, entry);
  }

  /** Notes something else, whatever is said of recalls. */
  async note(scope: TenantScope, entry: AuditEntry): Promise<void> {
    const { actor, requestId, source } = currentOrigin();
    const origin = { actor, requestId, source };
    const event = { scope, id: uuidv7(), at: this.clock.now(), origin, entry };
    if (this.options.recalls === 'strict') return this.log.appendNoted([event]);
    if (this.weight + weightOf(event) > MOST_WAITING) return this.lose([event]);
    this.waiting.push(event);
    this.weight += weightOf(event);
  }

  /** Of the event that waits longest. */
  oldestSeconds(): number {
    const [oldest] = this.waiting;
    return oldest ? Math.max(0, this.clock.now().getTime() - oldest.at.getTime()) / 1_000 : 0;
  }

  /** @returns whether there is more that could be written at once. */
  private async flush(): Promise<boolean> {
    const batch = this.nextBatch();
    const gaps = batch.length > 0 || this.lost.isNone ? [] : this.lost.asEvents(this.clock.now());
    if (batch.length + gaps.length === 0) return false;
    try {
      await this.log.appendNoted([...batch, ...gaps]);
    } catch (error) {
      this.loop.failed();
      if (!this.isBehind) this.logger.warn({ err: error }, 'Audit events wait to be written');
      this.isBehind = true;
      return false;
    }
    this.isBehind = false;
    this.lost.told(gaps);
    this.waiting.splice(0, batch.length);
    for (const event of batch) this.weight -= weightOf(event);
    return this.waiting.length > 0 || !this.lost.isNone;
  }

  private nextBatch(): NotedEvent[] {
    let ids = 0;
    const full = this.waiting.findIndex(
      ({ entry }, index) =>
        index === BATCH.events || ((ids += entry.memoryIds?.length ?? 0) > BATCH.ids && index > 0),
    );
    return this.waiting.slice(0, full === -1 ? undefined : full);
  }

  private lose(events: readonly NotedEvent[]): void {
    for (const { scope } of events) this.lost.add(scope);
    this.options.onLost(events.length);
  }
}

const weightOf = ({ entry }: NotedEvent): number => 1 + (entry.memoryIds?.length ?? 0);
