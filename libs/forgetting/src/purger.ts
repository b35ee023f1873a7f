import { Injectable } from '@nestjs/common';
import { Clock, type TenantScope } from '@soma/core';
import { carryOn, MemoryDeletions } from '@soma/memory';
import { Metrics } from '@soma/observability';
import { ArchiveStore } from './archive-store.js';

const TENANTS_A_PAGE = 200;
const BATCH = 500;

/** Deletes, with receipts, what has expired and what was in the archive for long enough. */
@Injectable()
export class Purger {
  constructor(
    private readonly archive: ArchiveStore,
    private readonly deletions: MemoryDeletions,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
  ) {}

  /** Once through all tenants, until `signal` is aborted. @returns how many memories went. */
  async purge(signal?: AbortSignal): Promise<number> {
    let [purged, after]: [number, string | undefined] = [0, undefined];
    do {
      const tenants: TenantScope[] = await this.archive.tenants(TENANTS_A_PAGE, after);
      for (const scope of tenants) {
        if (signal?.aborted) return purged;
        purged += await this.purgeTenant(scope, signal);
      }
      after = tenants.length < TENANTS_A_PAGE ? undefined : tenants.at(-1)?.tenantId;
    } while (after !== undefined);
    return purged;
  }

  /** @returns how many memories went. */
  async purgeTenant(scope: TenantScope, signal?: AbortSignal): Promise<number> {
    const isStopped = (): boolean => signal?.aborted === true;
    let purged = 0;
    while (!isStopped()) {
      const gone = await this.purgeBatch(scope);
      if (gone === 0) break;
      purged += gone;
    }
    while (!isStopped()) {
      if ((await this.archive.purgeFields(scope, this.clock.now(), BATCH)) < BATCH) break;
    }
    this.metrics.forgotten.inc({ how: 'purged' }, purged);
    return purged;
  }

  private async purgeBatch(scope: TenantScope): Promise<number> {
    const ids = await this.archive.overdue(scope, this.clock.now(), BATCH);
    if (ids.length === 0) return 0;
    const target = { kind: 'ids', ids } as const;
    const begun = await this.deletions.begin(scope, { kind: 'memories', target });
    return begun ? (await carryOn(this.deletions, scope, begun)).deleted : 0;
  }
}
