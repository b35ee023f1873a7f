import { Injectable } from '@nestjs/common';
import { decodeCursor, encodeCursor, isUuid, type TenantScope } from '@soma/core';
import { CHAIN_START, type ChainHead, followChain } from './audit-chain.js';
import type { AuditEvent } from './audit-event.js';
import { type AuditFilter, AuditLog } from './audit-log.js';
import type {
  AuditExportQuery,
  AuditPageView,
  AuditQuery,
  AuditVerification,
} from './audit.schema.js';

const EVENTS_A_PAGE = 1_000;

/** Reads the audit of a tenant, and checks that nobody has changed it. */
@Injectable()
export class AuditService {
  constructor(private readonly log: AuditLog) {}

  async list(scope: TenantScope, query: AuditQuery): Promise<AuditPageView> {
    const { limit, cursor } = query;
    const filter = filterOf(query);
    const question = { tenant: scope.tenantId, list: 'audit', ...filter };
    const before = cursor === undefined ? undefined : decodeCursor(cursor, question, isId).id;
    const events = await this.log.list(scope, { ...filter, before, limit: limit + 1 });
    const last = events.length > limit ? events[limit - 1]?.id : undefined;
    return {
      events: events.slice(0, limit),
      next_cursor: last === undefined ? null : encodeCursor({ value: last, id: last }, question),
    };
  }

  /** Oldest first, a page of them at a time; those that come meanwhile may be among them. */
  async *export(scope: TenantScope, query: AuditExportQuery): AsyncGenerator<AuditEvent[]> {
    const filter = filterOf(query);
    let after = FIRST_ID;
    for (;;) {
      const events = await this.log.list(scope, { ...filter, after, limit: EVENTS_A_PAGE });
      if (events.length > 0) yield events;
      const last = events.at(-1);
      if (!last || events.length < EVENTS_A_PAGE) return;
      after = last.id;
    }
  }

  /**
   * Recomputes the whole chain, a page of it at a time. Where its beginning was purged, it begins with
   * what the last purge says, which stands in the chain itself.
   */
  async verify(scope: TenantScope): Promise<AuditVerification> {
    const waiting = await this.log.unchained(scope);
    const purged = await this.log.purged(scope);
    const start = { sequence: purged?.through ?? 0, hash: purged?.hash ?? CHAIN_START };
    const [first] = await this.log.chained(scope, 0, 1);
    let head: ChainHead = start;
    let isBroken = first?.sequence !== undefined && (first.sequence ?? 0) <= start.sequence;
    while (!isBroken) {
      const events = await this.log.chained(scope, head.sequence, EVENTS_A_PAGE);
      const followed = followChain(head, events);
      head = followed.head;
      isBroken = followed.broken !== undefined;
      if (events.length < EVENTS_A_PAGE) break;
    }
    return {
      tenant_id: scope.tenantId,
      intact: !isBroken,
      events: head.sequence - start.sequence,
      purged: start.sequence,
      waiting,
      head: head.hash,
      broken_at: isBroken ? head.sequence + 1 : null,
    };
  }
}

const FIRST_ID = '00000000-0000-0000-0000-000000000000';

const filterOf = ({ action, token, memory, since, until }: AuditExportQuery): AuditFilter => ({
  action,
  actor: token,
  memory,
  since,
  until,
});

const isId = (value: string | number): boolean => typeof value === 'string' && isUuid(value);
