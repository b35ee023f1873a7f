import { Injectable } from '@nestjs/common';
import { Clock, type MemoryId, memoryId, type TenantScope } from '@soma/core';
import {
  type Edge,
  type EdgeQuery,
  type Link,
  type LinkDraft,
  type LinkedMemories,
  LinkRepository,
  type LinkWritten,
} from '@soma/graph';
import type { Memory, MemoryAddress } from '@soma/memory';
import { appendEvent } from '../audit/audit-row.js';
import { Database } from '../connection/database.js';
import { RowCipher } from '../encryption/row-cipher.js';
import { Prisma } from '../generated/client.js';
import { NOT_EXPIRED } from '../memory/memory-row.js';
import { readMemories } from '../memory/read-memories.js';
import { whereAddress } from '../memory/memory-where.js';
import { linksAmong } from './links-among.js';
import { LINK_COLUMNS, type LinkRow, linksOfRows } from './link-row.js';
import { upsertLinks } from './upsert-links.js';

@Injectable()
export class PostgresLinkRepository extends LinkRepository {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly cipher: RowCipher,
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
      const sealing = await this.cipher.sealing(transaction, scope);
      const now = this.clock.now();
      const [row] = await upsertLinks(transaction, scope, [draft], { now, sealing });
      const link = row && (await this.links(scope, [row.id])).get(row.id);
      if (!link) throw new Error('A link was written and then not found.');
      return link;
    });
  }

  upsertAll(
    scope: TenantScope,
    drafts: readonly LinkDraft[],
    { onlyNew }: { readonly onlyNew: boolean },
  ): Promise<LinkWritten[]> {
    if (drafts.length === 0) return Promise.resolve([]);
    return this.database.withTenant(scope, async (transaction) => {
      const sealing = await this.cipher.sealing(transaction, scope);
      const writing = { now: this.clock.now(), sealing, onlyNew };
      const rows = await upsertLinks(transaction, scope, drafts, writing);
      const written = new Map(
        rows.map((row) => [edgeKey(row.from_id, row.to_id, row.link_type), row]),
      );
      return drafts.map(({ fromId, toId, linkType }) => {
        const row = written.get(edgeKey(fromId, toId, linkType));
        if (!row) return 'kept';
        return row.is_new ? 'made' : 'changed';
      });
    });
  }

  among(
    scope: TenantScope,
    memories: LinkedMemories,
    { after, limit }: { readonly after: string | undefined; readonly limit: number },
  ): Promise<{ links: Link[]; next: string | undefined }> {
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<(LinkRow & { is_among: boolean })[]>`
        ${linksAmong(scope, memories, { after, limit })}`;
      const links = await linksOfRows(
        scope,
        rows.filter((row) => row.is_among).map(({ is_among: _isAmong, ...row }) => row),
        this.cipher,
      );
      return { links, next: rows.length < limit ? undefined : rows.at(-1)?.id };
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
    return this.database.withTenant(scope, async (transaction) => {
      const removed = await transaction.execute`
          DELETE FROM links WHERE tenant_id = ${scope.tenantId}::uuid
            AND from_id = ${fromId}::uuid AND to_id = ${toId}::uuid ${ofType}`;
      if (removed > 0) {
        await transaction.execute`${appendEvent(scope, {
          action: 'graph.unlink',
          targetKind: 'links',
          target: '',
          outcome: 'done',
          details: { links: removed },
          memoryIds: [fromId, toId],
        })}`;
      }
      return removed;
    });
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
      const links = await linksOfRows(scope, rows, this.cipher);
      return new Map(links.map((link) => [link.id, link]));
    });
  }

  memories(scope: TenantScope, ids: readonly MemoryId[]): Promise<Map<MemoryId, Memory>> {
    if (ids.length === 0) return Promise.resolve(new Map<MemoryId, Memory>());
    return this.database.withTenant(scope, async (transaction) => {
      const memories = await readMemories(transaction, scope, ids, { cipher: this.cipher });
      return new Map(memories.map((memory) => [memoryId(memory.id), memory]));
    });
  }
}

const edgeKey = (from: string, to: string, type: string): string =>
  JSON.stringify([from, to, type]);

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
