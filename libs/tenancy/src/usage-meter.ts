import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { BackgroundWork, Clock, TenantScope, type TenantId } from '@soma/core';
import { dayOf } from './quota.service.js';
import { type DayCounts, UsageRepository } from './usage-repository.js';

const FLUSH_MS = 2_000;

/**
 * Counts what tenants ask for, and writes it down every two seconds: a process that is killed loses
 * as much. What a quota depends on is counted elsewhere, at once.
 */
@Injectable()
export class UsageMeter implements OnModuleDestroy {
  private readonly logger = new Logger(UsageMeter.name);
  private counts = new Map<TenantId, DayCounts>();
  private readonly work = new BackgroundWork('write-usage');
  private readonly timer = setInterval(() => void this.flush(), FLUSH_MS).unref();

  constructor(
    private readonly usage: UsageRepository,
    private readonly clock: Clock,
  ) {
    this.work.start();
  }

  count({ tenantId }: TenantScope, what: keyof DayCounts, times = 1): void {
    const counts = this.counts.get(tenantId) ?? {};
    counts[what] = (counts[what] ?? 0) + times;
    this.counts.set(tenantId, counts);
  }

  flush(): Promise<void> {
    return this.work.run(() => this.write());
  }

  private async write(): Promise<void> {
    const counts = this.counts;
    this.counts = new Map();
    const day = dayOf(this.clock.now());
    for (const [tenantId, counted] of counts) {
      try {
        await this.usage.add(TenantScope.of(tenantId), day, counted);
      } catch (error) {
        this.work.failed();
        this.logger.debug({ err: error }, 'Usage could not be written down');
      }
    }
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }
}
