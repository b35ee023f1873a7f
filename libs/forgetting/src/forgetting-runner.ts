import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { BackgroundLoop, Clock } from '@soma/core';
import { DecayPolicyStore } from './decay-policy-store.js';
import { DecayService } from './decay.service.js';
import { Purger } from './purger.js';

/** Tenants taken at once: their turns are over when the process dies. */
const CLAIMED = 5;
const STEP = { dry_run: false, limit: 200 } as const;

/** How often the runner looks for what is due, in milliseconds; 0: never. */
export abstract class ForgettingInterval {
  abstract readonly ms: number;
}

/** Applies decay policies when they are due, and purges what is over, until shutdown. */
@Injectable()
export class ForgettingRunner implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(ForgettingRunner.name);
  private readonly loop: BackgroundLoop;

  constructor(
    private readonly policies: DecayPolicyStore,
    private readonly decay: DecayService,
    private readonly purger: Purger,
    private readonly clock: Clock,
    private readonly interval: ForgettingInterval,
  ) {
    this.loop = new BackgroundLoop('forget', interval.ms);
  }

  onApplicationBootstrap(): void {
    if (this.interval.ms > 0) this.loop.start(() => this.step());
  }

  onApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  /** Applies the policies that are due now. @returns how many tenants had one. */
  async runDue(): Promise<number> {
    let tenants = 0;
    for (;;) {
      const due = await this.policies.claimDue(this.clock.now(), CLAIMED);
      tenants += due.length;
      for (const scope of due) {
        let cursor: string | undefined;
        do {
          if (this.loop.signal.aborted) return tenants;
          const { next_cursor: next } = await this.decay.step(scope, { ...STEP, cursor });
          cursor = next ?? undefined;
        } while (cursor !== undefined);
      }
      if (due.length < CLAIMED) return tenants;
    }
  }

  private async step(): Promise<boolean> {
    try {
      await this.runDue();
    } catch (error) {
      this.loop.failed();
      this.logger.error(
        { err: error },
        'Decay could not be carried out; it goes on when it is next due',
      );
    }
    try {
      await this.purger.purge(this.loop.signal);
    } catch (error) {
      this.loop.failed();
      this.logger.error({ err: error }, 'What is over could not be purged; trying again');
    }
    return false;
  }
}
