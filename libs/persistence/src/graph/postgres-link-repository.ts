import { Injectable } from '@nestjs/common';
import { Clock, type MemoryId, memoryId, type TenantScope } from '@soma/core';
import { type Edge, type EdgeQuery, type Link, type LinkDraft, LinkRepository } from '@soma/graph';
import type { Memory, MemoryAddress } from '@soma/memory';
import { Database } from '../connection/database.js';
import { Prisma } from '../generated/client.js';
import { NOT_EXPIRED } from '../memory/memory-row.js';
import { readMemories } from '../memory/read-memories.js';
import { whereAddress } from '../memory/memory-where.js';
import { LINK_COLUMNS, linkOfRow, type LinkRow } from './link-row.js';
import { upsertLinks } from './upsert-links.js';

@Injectable()
export class PostgresLinkRepository extends LinkRepository {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {
    super();
  }

  resolve(
    scope: TenantScope,
    addresses: readonly MemoryAddress[],
  ): Promise<(MemoryId | undefined)[]> {
    return this.database.withTenant(scope, async (transaction) => {
      const parts = addresses.map(
        (address, position) => Prisma.sql`
          SELECT ${position}::int AS position, m.id FROM memories m
          WHERE ${whereAddress(scope, address)}`,
      );
      const rows = await transaction.query<{ position: number; id: string }[]>`
        ${Prisma.join(parts, ' UNION ALL ')}`;
      const found = new Map(rows.map((row) => [row.position, memoryId(row.id)]));
      return addresses.map((_, position) => found.get(position));
    });
  }

  upsert(scope: TenantScope, draft: LinkDraft): Promise<Link> {
    return this.database.withTenant(scope, async (transaction) => {
      const [row] = await upsertLinks(transaction, scope, [draft], this.clock.now());
      const link = row && (await this.links(scope, [row.id])).get(row.id);
      if (!link) throw new Error('A link was written and then not found.');
      return link;
    });
  }

  remove(
    scope: TenantScope,
    fromId: MemoryId,
    toId: MemoryId,
    linkType: string | undefined,
  ): Promise<number> {
    const ofType =
      linkType === undefined ? Prisma.empty : Prisma.sql`AND link_type = ${linkType}::text`;
    return this.database.withTenant(
      scope,
      (transaction) => transaction.execute`
        DELETE FROM links WHERE tenant_id = ${scope.tenantId}::uuid
          AND from_id = ${fromId}::uuid AND to_id = ${toId}::uuid ${ofType}`,
    );
  }

  edges(scope: TenantScope, ids: readonly MemoryId[], query: EdgeQuery): Promise<Edge[]> {
    const arms: Prisma.Sql[] = [];
    if (query.direction !== 'in') arms.push(edgesFrom(scope, ids, query, 'out'));
    if (query.direction !== 'out') arms.push(edgesFrom(scope, ids, query, 'in'));
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<EdgeRow[]>`
        SELECT DISTINCT ON (strength, id) id, from_id, to_id, strength
        FROM (${Prisma.join(arms, ' UNION ALL ')}) AS edge
        ORDER BY strength DESC, id LIMIT ${query.limit}`;
      return rows.map((row) => ({
        linkId: row.id,
        fromId: memoryId(row.from_id),
        toId: memoryId(row.to_id),
        strength: row.strength,
      }));
    });
  }

  links(scope: TenantScope, ids: readonly string[]): Promise<Map<string, Link>> {
    if (ids.length === 0) return Promise.resolve(new Map<string, Link>());
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<LinkRow[]>`
        SELECT ${LINK_COLUMNS}
        FROM links l
        JOIN memories f ON f.tenant_id = l.tenant_id AND f.id = l.from_id
        JOIN memories t ON t.tenant_id = l.tenant_id AND t.id = l.to_id
        WHERE l.tenant_id = ${scope.tenantId}::uuid AND l.id = ANY (${ids}::uuid[])`;
      return new Map(rows.map((row) => [row.id, linkOfRow(row)]));
    });
  }

  memories(scope: TenantScope, ids: readonly MemoryId[]): Promise<Map<MemoryId, Memory>> {
    if (ids.length === 0) return Promise.resolve(new Map<MemoryId, Memory>());
    return this.database.withTenant(scope, async (transaction) => {
      const memories = await readMemories(transaction, scope, ids);
      return new Map(memories.map((memory) => [memoryId(memory.id), memory]));
    });
  }
}

interface EdgeRow {
  id: string;
  from_id: string;
  to_id: string;
  strength: number;
}

/** Links with one end among the ids, joined to the memory at the other end, here named `m`. */
function edgesFrom(
  scope: TenantScope,
  ids: readonly MemoryId[],
  query: EdgeQuery,
  direction: 'out' | 'in',
): Prisma.Sql {
  const [near, far] =
    direction === 'out'
      ? [Prisma.sql`l.from_id`, Prisma.sql`l.to_id`]
      : [Prisma.sql`l.to_id`, Prisma.sql`l.from_id`];
  const ofType =
    query.linkType === undefined
      ? Prisma.empty
      : Prisma.sql`AND l.link_type = ${query.linkType}::text`;
  return Prisma.sql`(SELECT l.id, l.from_id, l.to_id, l.strength FROM links l
    JOIN memories m ON m.tenant_id = l.tenant_id AND m.id = ${far} AND ${NOT_EXPIRED}
    WHERE l.tenant_id = ${scope.tenantId}::uuid AND ${near} = ANY (${ids}::uuid[]) ${ofType}
    ORDER BY l.strength DESC, l.id LIMIT ${query.limit})`;
}
