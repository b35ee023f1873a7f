import { Injectable } from '@nestjs/common';
import { SomaError, type TenantScope } from '@soma/core';
import { Metrics } from '@soma/observability';
import { FairQueue, type Leave } from './fair-queue.js';

/** A tenant's turns to work in this process. */
@Injectable()
export class FairTurns {
  constructor(
    private readonly queue: FairQueue,
    private readonly metrics: Metrics,
  ) {}

  /**
   * Waits for a turn. @returns what ends it.
   * @throws SomaError RATE_LIMITED when too many of the tenant's wait already.
   */
  async begin({ tenantId }: TenantScope, gone?: AbortSignal): Promise<Leave> {
    const leave = await this.queue.enter(tenantId, gone);
    if (leave) return leave;
    this.metrics.rateLimited.inc({ of: 'tenant', window: 'now' });
    throw new SomaError(
      'RATE_LIMITED',
      'Too many requests of this tenant wait for their turn; send fewer at once.',
      { retryAfterSeconds: 1 },
    );
  }

  /** Does a part of a long request in a turn of its own, so that others come between. */
  async take<Result>(
    scope: TenantScope,
    gone: AbortSignal,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const leave = await this.begin(scope, gone);
    try {
      return await work();
    } finally {
      leave();
    }
  }
}
