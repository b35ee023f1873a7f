import { Injectable } from '@nestjs/common';
import type { TenantScope } from '@soma/core';
import { ConsistencyStore } from './consistency-store.js';
import type { ReindexReport } from './consistency.schema.js';
import { OutboxSignal } from './outbox-signal.js';
import { tenantsOf } from './tenants-of.js';

const ENTRIES_A_BATCH = 1_000;

/**
 * Has every stored vector written to the index anew, without the embedder. Until an entry is there
 * again it counts as fresh, so searches find it as they find what was just written.
 */
@Injectable()
export class Reindexer {
  constructor(
    private readonly store: ConsistencyStore,
    private readonly signal: OutboxSignal,
  ) {}

  /** Resolves once all is queued; the outbox says when all is done. */
  async reindex(tenant?: TenantScope): Promise<ReindexReport> {
    const report = { tenants: 0, queued: 0 };
    for await (const scope of tenantsOf(this.store, tenant)) {
      report.tenants += 1;
      report.queued += await this.queueTenant(scope);
    }
    return report;
  }

  private async queueTenant(scope: TenantScope): Promise<number> {
    let queued = 0;
    let after: string | undefined;
    do {
      const page = await this.store.requeuePage(scope, ENTRIES_A_BATCH, after);
      queued += page.queued;
      after = page.last;
      this.signal.raise();
    } while (after !== undefined);
    return queued;
  }
}
