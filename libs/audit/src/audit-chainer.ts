import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { BackgroundLoop } from '@soma/core';
import { AuditLog } from './audit-log.js';

const BATCH = 500;
const POLL_MS = 500;

/**
 * Numbers and hashes what was appended, until shutdown. Writers do not wait for it: what they append
 * is chained within a second, in the order in which it is found committed.
 */
@Injectable()
export class AuditChainer implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(AuditChainer.name);
  private readonly loop = new BackgroundLoop('chain-audit', POLL_MS);

  constructor(private readonly log: AuditLog) {}

  onApplicationBootstrap(): void {
    this.loop.start(() => this.chain());
  }

  onApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  private async chain(): Promise<boolean> {
    try {
      return (await this.log.chain(BATCH)) >= BATCH;
    } catch (error) {
      this.loop.failed();
      this.logger.error({ err: error }, 'The audit could not be chained; trying again');
      return false;
    }
  }
}
