import { Injectable } from '@nestjs/common';
import { type DecayPolicy, SalienceSettings } from '@soma/forgetting';
import { overlaidHalfLives } from '@soma/hierarchy';
import { type MemoryId, memoryId, type TenantScope } from '@soma/core';
import { MemoryDeletions } from '@soma/memory';
import { Database } from '../connection/database.js';
import { NoRoom } from '../connection/quota-failure.js';
import type { Transaction } from '../connection/transaction.js';
import { NOT_HELD, salienceSql } from '../forgetting/salience-sql.js';
import { NOT_SUPERSEDED, SUPERSEDES_NONE } from './fact-sql.js';
import { Prisma } from '../generated/client.js';

/** Others fill the room made, so one writer may have to make it more than once. */
const MOST_TRIES = 24;
const MOST_EVICTED = 1_000;
/** One in so many of the limit is evicted beyond what must be. */
const SPARE = 1_000;
/** Beside the locks of namespaces, which are lower. */
const EVICTION_LOCK = 64;

/** Makes room for a tenant that evicts rather than refuses. */
@Injectable()
export class RoomMaker {
  constructor(
    private readonly database: Database,
    private readonly deletions: MemoryDeletions,
    private readonly salience: SalienceSettings,
  ) {}

  /**
   * Runs `work`, a transaction; where its tenant evicts, once more after each time there was no room
   * for it.
   * @throws NoRoom when nothing is left that could go, or links are what is too many.
   */
  async forWork<Result>(scope: TenantScope, work: () => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof NoRoom) || error.policy !== 'evict') throw error;
        // What nobody has released yet must not push out what is recalled.
        if (scope.writer.quarantined) throw error;
        if (attempt === MOST_TRIES || error.kept === 'links') throw error;
        if (!(await this.evict(scope, error, attempt))) throw error;
      }
    }
  }

  /**
   * Deletes the least salient memories that are neither pinned nor held, of equals the oldest, like
   * any deletion; no fact in force while there are older ones, which would be in force again; of a large quota a thousandth more, because finding them means looking at all. One writer of a tenant at a time, before any other lock: who waited may find that the
   * first has made room for it too.
   * @returns whether there is room now, or was a moment ago.
   */
  private evict(scope: TenantScope, full: NoRoom, attempt: number): Promise<boolean> {
    return this.database.withTenant(scope, async (transaction) => {
      await transaction.execute`
        SELECT pg_advisory_xact_lock(hashtext(${scope.tenantId}::text), ${EVICTION_LOCK}::int)`;
      const excess = (await usedOf(transaction, scope, full)) + full.adds - full.limit;
      if (excess <= 0) return true;
      const salience = await this.salienceOf(transaction, scope);
      const spare = Math.floor(full.limit / SPARE);
      const ids =
        full.kept === 'bytes'
          ? await leastSalient(transaction, scope, salience, { limit: MOST_EVICTED, bytes: excess })
          : await leastSalient(transaction, scope, salience, {
              limit: excess + attempt - 1 + spare,
            });
      if (ids.length === 0) return false;
      const order = { kind: 'memories', target: { kind: 'ids', ids } } as const;
      const begun = await this.deletions.begin(scope, order);
      return begun !== undefined && begun.deleted > 0;
    });
  }

  private async salienceOf(transaction: Transaction, scope: TenantScope): Promise<Prisma.Sql> {
    const [row] = await transaction.query<{ policy: DecayPolicy }[]>`
      SELECT policy FROM decay_policies WHERE tenant_id = ${scope.tenantId}::uuid`;
    const own = { days: row?.policy.half_life_days, tierGrowth: row?.policy.tier_growth };
    return salienceSql(overlaidHalfLives(this.salience.halfLives, own), new Date());
  }
}

async function usedOf(
  transaction: Transaction,
  scope: TenantScope,
  { kept }: NoRoom,
): Promise<number> {
  const [row] = await transaction.query<Record<NoRoom['kept'], number>[]>`
    SELECT memories::float8 AS memories, bytes::float8 AS bytes, vectors::float8 AS vectors,
      links::float8 AS links
    FROM tenant_usage WHERE tenant_id = ${scope.tenantId}::uuid`;
  return row?.[kept] ?? 0;
}

/** At most `limit`, and no more than free so many bytes; ids are of their time. */
async function leastSalient(
  transaction: Transaction,
  scope: TenantScope,
  salience: Prisma.Sql,
  { limit, bytes }: { readonly limit: number; readonly bytes?: number },
): Promise<MemoryId[]> {
  const sized =
    bytes === undefined
      ? Prisma.sql`0`
      : Prisma.sql`(SELECT coalesce(sum(octet_length(v.snapshot::text)), 0)::float8
        FROM memory_versions v WHERE v.tenant_id = ${scope.tenantId}::uuid AND v.memory_id = l.id)`;
  const rows = await transaction.query<{ id: string; bytes: number }[]>`
    SELECT l.id, ${sized} AS bytes FROM (
      SELECT m.id, ${salience} AS salience FROM memories m
      WHERE m.tenant_id = ${scope.tenantId}::uuid AND NOT m.pinned
        AND NOT m.derived AND ${NOT_HELD} AND (${SUPERSEDES_NONE} OR NOT ${NOT_SUPERSEDED})
      ORDER BY salience, m.id LIMIT ${limit}) l
    ORDER BY l.salience, l.id`;
  let freed = 0;
  const enough = rows.findIndex((row) => (freed += row.bytes) >= (bytes ?? Infinity));
  return rows.slice(0, enough < 0 ? undefined : enough + 1).map(({ id }) => memoryId(id));
}
