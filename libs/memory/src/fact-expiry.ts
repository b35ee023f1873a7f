import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { BackgroundLoop } from '@soma/core';

const POLL_MS = 1_000;
const BATCH = 200;

/** Facts whose memories have expired, of every tenant. */
export abstract class ExpiredFacts {
  /**
   * Ends at most so many, each with what it means for its neighbours in one transaction.
   * @returns how many there were.
   */
  abstract settle(limit: number): Promise<number>;
}

/** Lets the fact before an expired one be in force again, until shutdown. */
@Injectable()
export class FactExpiry implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(FactExpiry.name);
  private readonly loop = new BackgroundLoop('expire-facts', POLL_MS);

  constructor(private readonly facts: ExpiredFacts) {}

  onApplicationBootstrap(): void {
    this.loop.start(() => this.step());
  }

  onApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  private async step(): Promise<boolean> {
    try {
      return (await this.facts.settle(BATCH)) >= BATCH;
    } catch (error) {
      this.loop.failed();
      this.logger.error({ err: error }, 'Expired facts could not be settled; trying again');
      return false;
    }
  }
}
