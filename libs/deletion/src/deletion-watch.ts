import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { BackgroundLoop, HeapCaches } from '@soma/core';
import { type DeletionNotice, DeletionStore } from './deletion-store.js';

const POLL_MS = 1_000;
/** No request that read a memory before it was deleted lasts longer: what it cached goes as well. */
const AGAIN_AFTER_MS = 10_000;
/** A process that has not heard for so long drops all it has. */
const DEAF_MS = 10_000;
const HOUR_MS = 3_600_000;

/** After a deletion no process's caches hold anything of it for longer. */
export const CACHES_UNTIL_MS = AGAIN_AFTER_MS + 5_000;

/**
 * Has this process's caches drop what any process deleted: within a second or so, and once more ten
 * seconds later. It asks the database, which says what was deleted also when Redis is away. While the
 * database does not answer, and every hour in any case, all is dropped.
 */
@Injectable()
export class DeletionWatch implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(DeletionWatch.name);
  private readonly loop = new BackgroundLoop('watch-deletions', POLL_MS);
  /** When each batch was first heard of. */
  private readonly heard = new Map<
    string,
    { notice: DeletionNotice; at: number; again: boolean }
  >();
  private lastHeard = performance.now();
  private lastDroppedAll = performance.now();

  constructor(
    private readonly store: DeletionStore,
    private readonly caches: HeapCaches,
  ) {}

  onApplicationBootstrap(): void {
    this.loop.start(() => this.look().then(() => false));
  }

  onApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  /** Asks once, and drops what there is to drop. */
  async look(now = performance.now()): Promise<void> {
    try {
      for (const notice of await this.store.recent()) this.hear(notice, now);
      this.lastHeard = now;
    } catch (error) {
      this.loop.failed();
      if (now - this.lastHeard < DEAF_MS) return;
      this.logger.warn({ err: error }, 'Deletions cannot be asked for: all caches are dropped');
      this.dropAll(now);
    }
    this.dropAgain(now);
    if (now - this.lastDroppedAll > HOUR_MS) this.dropAll(now);
  }

  private hear(notice: DeletionNotice, now: number): void {
    const key = `${notice.id}:${notice.changedAt.getTime()}`;
    if (this.heard.has(key)) return;
    this.heard.set(key, { notice, at: now, again: false });
    this.caches.drop(notice.tenantId);
  }

  private dropAgain(now: number): void {
    for (const [key, entry] of this.heard) {
      if (!entry.again && now - entry.at >= AGAIN_AFTER_MS) {
        entry.again = true;
        this.caches.drop(entry.notice.tenantId);
      }
      if (now - entry.at > 6 * AGAIN_AFTER_MS) this.heard.delete(key);
    }
  }

  private dropAll(now: number): void {
    this.caches.dropAll();
    this.lastDroppedAll = now;
  }
}
