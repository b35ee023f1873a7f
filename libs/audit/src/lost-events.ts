import type { TenantScope } from '@soma/core';
import { v7 as uuidv7 } from 'uuid';
import type { NotedEvent } from './audit-event.js';

/** How many events of each tenant could not be kept: the audit says so itself as soon as it can. */
export class LostEvents {
  private readonly counts = new Map<
    TenantScope['tenantId'],
    { scope: TenantScope; lost: number }
  >();

  get isNone(): boolean {
    return this.counts.size === 0;
  }

  add(scope: TenantScope): void {
    const lost = this.counts.get(scope.tenantId)?.lost ?? 0;
    this.counts.set(scope.tenantId, { scope, lost: lost + 1 });
  }

  /** An event for each tenant that lacks some. */
  asEvents(at: Date): NotedEvent[] {
    return [...this.counts.values()].map(({ scope, lost }) => ({
      scope,
      id: uuidv7(),
      at,
      origin: { actor: 'system', requestId: '', source: '' },
      entry: {
        action: 'audit.lost',
        targetKind: 'audit',
        target: '',
        outcome: 'failed',
        details: { events: lost },
      },
    }));
  }

  /** Takes back what these events have said; others may have been lost meanwhile. */
  told(events: readonly NotedEvent[]): void {
    for (const { scope, entry } of events) {
      const left = (this.counts.get(scope.tenantId)?.lost ?? 0) - Number(entry.details['events']);
      if (left > 0) this.counts.set(scope.tenantId, { scope, lost: left });
      else this.counts.delete(scope.tenantId);
    }
  }
}
