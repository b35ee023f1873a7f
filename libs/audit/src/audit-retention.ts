import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { BackgroundLoop, Clock } from '@soma/core';
import { AuditLog } from './audit-log.js';

const DAY_MS = 86_400_000;
const POLL_MS = 3_600_000;

export abstract class RetentionOptions {
  /** 0: for ever. */
  abstract readonly days: number;
}

/** Purges what is older than the retention, every hour. */
@Injectable()
export class AuditRetention implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(AuditRetention.name);
  private readonly loop = new BackgroundLoop('purge-audit', POLL_MS);

  constructor(
    private readonly log: AuditLog,
    private readonly clock: Clock,
    private readonly options: RetentionOptions,
  ) {}

  onApplicationBootstrap(): void {
    if (this.options.days > 0) this.loop.start(() => this.step());
  }

  onApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  private async step(): Promise<boolean> {
    const before = new Date(this.clock.now().getTime() - this.options.days * DAY_MS);
    try {
      const purged = await this.log.purge(before);
      if (purged > 0) this.logger.log({ purged, before }, 'Old audit events were purged');
      return purged > 0;
    } catch (error) {
      this.loop.failed();
      this.logger.error({ err: error }, 'The audit could not be purged; trying again in an hour');
      return false;
    }
  }
}
