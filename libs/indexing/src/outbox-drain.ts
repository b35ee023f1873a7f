import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { BackgroundWork } from '@soma/core';
import { BATCH_SIZE, Indexer } from './indexer.js';
import { IndexOutbox } from './index-outbox.js';
import { OutboxSignal } from './outbox-signal.js';

const POLL_MS = 200;
const KEY_EXPIRY_MS = 10 * 60_000;

/** Drains the outbox whenever it is signalled and, at the latest, every 200 ms, until shutdown. */
@Injectable()
export class OutboxDrain
  extends OutboxSignal
  implements OnApplicationBootstrap, OnApplicationShutdown
{
  private readonly logger = new Logger(OutboxDrain.name);
  private readonly work = new BackgroundWork('index');
  private stopped = false;
  private signalled = false;
  private wake: () => void = () => {};
  private loop: Promise<void> = Promise.resolve();
  private keysForgottenAt = 0;

  constructor(
    private readonly indexer: Indexer,
    private readonly outbox: IndexOutbox,
  ) {
    super();
  }

  onApplicationBootstrap(): void {
    this.work.start();
    this.loop = this.run();
  }

  /** Waits for the batch under way; what is left stays in the outbox. */
  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    this.wake();
    await this.loop;
  }

  override raise(): void {
    this.signalled = true;
    this.wake();
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      const more = await this.work.run(() => this.drain());
      if (!more) await this.sleep();
    }
  }

  private async drain(): Promise<boolean> {
    this.signalled = false;
    try {
      const report = await this.indexer.drainBatch();
      if (report.failed > 0) {
        this.work.failed();
        this.logger.warn(
          { failed: report.failed, err: report.error },
          'Index tasks will be retried',
        );
      }
      await this.forgetOldKeys();
      return report.claimed === BATCH_SIZE || (report.claimed > 0 && report.failed === 0);
    } catch (error) {
      this.work.failed();
      this.logger.error({ err: error }, 'The outbox could not be drained; trying again');
      return false;
    }
  }

  private async forgetOldKeys(): Promise<void> {
    if (Date.now() - this.keysForgottenAt < KEY_EXPIRY_MS) return;
    this.keysForgottenAt = Date.now();
    await this.outbox.forgetOldKeys();
  }

  private sleep(): Promise<void> {
    if (this.signalled || this.stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, POLL_MS);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
