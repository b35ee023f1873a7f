import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { BackgroundLoop } from '@soma/core';
import { MemoryDeletions } from '@soma/memory';
import { type ClaimedDeletion, DeletionStore, type TenantProgress } from './deletion-store.js';
import { DeletionVerifier } from './deletion-verifier.js';

const POLL_MS = 300;
/** At once: a look waits for the slowest of the stores, which serves many as soon as one. */
const CLAIMED = 8;
/** Longer than a batch or a look takes; renewed by neither, so a dead worker's work waits so long. */
const LEASE_MS = 60_000;
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5_000;
const WAITING_MS = 1_000;
const RESIDUE_RETRY_MS = 60_000;

/** Finishes deletions that were begun, and verifies those that are finished, until shutdown. */
@Injectable()
export class DeletionRunner implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(DeletionRunner.name);
  private readonly loop = new BackgroundLoop('delete', POLL_MS);

  constructor(
    private readonly store: DeletionStore,
    private readonly deletions: MemoryDeletions,
    private readonly verifier: DeletionVerifier,
  ) {}

  onApplicationBootstrap(): void {
    this.loop.start(() => this.step());
  }

  onApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  /** Takes up what is due. @returns how many. */
  async runOnce(): Promise<number> {
    const claimed = await this.store.claim(CLAIMED, LEASE_MS);
    // A failure of putting one off is told once all have ended.
    const taken = await Promise.allSettled(claimed.map((deletion) => this.takeOrPutOff(deletion)));
    for (const outcome of taken) if (outcome.status === 'rejected') throw outcome.reason;
    return claimed.length;
  }

  private async takeOrPutOff(deletion: ClaimedDeletion): Promise<void> {
    if (this.loop.signal.aborted) return this.store.putOff(deletion, 0);
    try {
      await this.take(deletion);
    } catch (error) {
      this.loop.failed();
      this.logger.warn({ err: error, deletion: deletion.id }, 'A deletion is tried again');
      await this.store.putOff(deletion, delayOf(deletion));
    }
  }

  private async take(deletion: ClaimedDeletion): Promise<void> {
    if (deletion.status === 'deleting') return this.goOn(deletion);
    const result = await this.verifier.verify(deletion);
    const { id, kind } = deletion;
    if (result.status === 'residue') {
      this.logger.error({ deletion: id, kind, left: result.verification.left }, 'Residue is found');
    }
    const delay = result.status === 'residue' ? RESIDUE_RETRY_MS : delayOf(deletion);
    await this.store.note(deletion, result, delay);
  }

  private async goOn(deletion: ClaimedDeletion): Promise<void> {
    const until = performance.now() + LEASE_MS / 2;
    let progress: TenantProgress = 'more';
    while (progress === 'more' && performance.now() < until && !this.loop.signal.aborted) {
      progress = await this.advance(deletion);
    }
    await this.store.putOff(deletion, progress === 'waiting' ? WAITING_MS : 0);
  }

  private async advance({ scope, id, kind }: ClaimedDeletion): Promise<TenantProgress> {
    if (kind === 'tenant') return this.store.advanceTenant(scope, id);
    return (await this.deletions.advance(scope, id)).done ? 'done' : 'more';
  }

  private async step(): Promise<boolean> {
    try {
      return (await this.runOnce()) >= CLAIMED;
    } catch (error) {
      this.loop.failed();
      this.logger.error({ err: error }, 'Deletions could not be read; trying again');
      return false;
    }
  }
}

const delayOf = ({ attempts }: ClaimedDeletion): number =>
  Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempts, 10));
