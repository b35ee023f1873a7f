import type { TenantScope } from '@soma/core';
import type { AuditEntry, AuditEvent, NotedEvent } from './audit-event.js';

/** Which events of a tenant. */
export interface AuditFilter {
  readonly action?: string;
  /** Id of the token, `operator` or `system`. */
  readonly actor?: string;
  /** Only those that name this memory. */
  readonly memory?: string;
  /** The first moment, and the one after the last. */
  readonly since?: string;
  readonly until?: string;
}

export interface AuditPage extends AuditFilter {
  /** By id: events before this one, newest first. */
  readonly before?: string;
  /** By id: events after this one, oldest first. */
  readonly after?: string;
  readonly limit: number;
}

export interface PurgedPart {
  readonly through: number;
  readonly hash: string;
}

/** Events that nobody can change, and that go by retention alone; a tenant's outlive the tenant. */
export abstract class AuditLog {
  /** Appends in the tenant's open transaction, else in one of its own. */
  abstract append(scope: TenantScope, entry: AuditEntry): Promise<void>;
  /** Appends what was noted, of any tenants, in one transaction; an event that is there already stays. */
  abstract appendNoted(events: readonly NotedEvent[]): Promise<void>;
  abstract list(scope: TenantScope, page: AuditPage): Promise<AuditEvent[]>;
  /** Chained events past `sequence`, in their order. */
  abstract chained(scope: TenantScope, sequence: number, limit: number): Promise<AuditEvent[]>;
  /** How many wait for the chainer. */
  abstract unchained(scope: TenantScope): Promise<number>;
  /**
   * Numbers and hashes up to `limit` events that wait, each after its tenant's last; one chainer at a
   * time for each tenant, whoever else runs. @returns how many.
   */
  abstract chain(limit: number): Promise<number>;
  /** What the last purge says: how far it went, and the hash of the last event purged. */
  abstract purged(scope: TenantScope): Promise<PurgedPart | undefined>;
  /**
   * Deletes chained events of before `before`, at least a day old, from the beginning of each chain on,
   * and appends an event that says so. The last event of a chain stays. @returns how many went.
   */
  abstract purge(before: Date): Promise<number>;
}
