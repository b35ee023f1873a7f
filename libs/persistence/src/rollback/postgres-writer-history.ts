import { Injectable } from '@nestjs/common';
import { FULL_TRUST, type MemoryId, memoryId, type TenantScope } from '@soma/core';
import {
  type MemoryChanges,
  type MemoryHistory,
  WriterHistory,
  type WriterSince,
} from '@soma/memory';
import { appendEvent } from '../audit/audit-row.js';
import { Database } from '../connection/database.js';
import { rowOfVersion, type VersionRow } from '../encryption/reencrypt-memories.js';
import { RowCipher } from '../encryption/row-cipher.js';
import { Prisma } from '../generated/client.js';
import { holdNamespaces } from '../memory/namespace-lock.js';
import { holdFacts } from '../memory/settle-facts.js';

interface HistoryRow {
  id: string;
  namespace: string;
  coordinate: string;
}

interface OriginRow {
  memory_id: string;
  version: number;
  written_by: string | null;
  created_at: Date;
  partial: boolean;
  restored_from: number | null;
}

/** What versions may not say: those from before there was trust, and those that state no fact. */
type Unsaid = 'prediction' | 'source' | 'trust' | 'slot' | 'valid_from';
type SnapshotOfVersion = Required<Omit<MemoryChanges, Unsaid>> & Pick<MemoryChanges, Unsaid>;

interface SnapshotRow extends VersionRow {
  snapshot: VersionRow['snapshot'] & SnapshotOfVersion;
}

@Injectable()
export class PostgresWriterHistory extends WriterHistory {
  constructor(
    private readonly database: Database,
    private readonly cipher: RowCipher,
  ) {
    super();
  }

  memories(
    scope: TenantScope,
    { token, since }: WriterSince,
    { after, limit }: { readonly after: MemoryId | undefined; readonly limit: number },
  ): Promise<MemoryId[]> {
    const next = after === undefined ? Prisma.empty : Prisma.sql`AND v.memory_id > ${after}::uuid`;
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<{ memory_id: string }[]>`
        SELECT DISTINCT v.memory_id FROM memory_versions v
        WHERE v.tenant_id = ${scope.tenantId}::uuid AND v.written_by = ${token}
          AND v.created_at >= ${since} ${next}
        ORDER BY v.memory_id LIMIT ${limit}`;
      return rows.map((row) => memoryId(row.memory_id));
    });
  }

  histories(
    scope: TenantScope,
    ids: readonly MemoryId[],
    lock?: 'for-update',
  ): Promise<MemoryHistory[]> {
    const named = Prisma.sql`m.tenant_id = ${scope.tenantId}::uuid AND m.id = ANY (${ids}::uuid[])`;
    return this.database.withTenant(scope, async (transaction) => {
      if (lock) {
        const namespaces = Prisma.sql`(SELECT m.namespace FROM memories m WHERE ${named})`;
        await holdNamespaces(transaction, scope, namespaces);
      }
      const memories = await transaction.query<HistoryRow[]>`
        SELECT m.id, m.namespace, m.coordinate FROM memories m WHERE ${named} ORDER BY m.id
        ${lock ? Prisma.sql`FOR NO KEY UPDATE` : Prisma.empty}`;
      if (lock) await holdFacts(transaction, scope, ids);
      const origins = await transaction.query<OriginRow[]>`
        SELECT found.* FROM unnest(${ids}::uuid[]) AS asked (id), LATERAL (
          SELECT v.memory_id, v.version, v.written_by, v.created_at, v.partial, v.restored_from
          FROM memory_versions v
          WHERE v.tenant_id = ${scope.tenantId}::uuid AND v.memory_id = asked.id
          ORDER BY v.version LIMIT 1000000) found`;
      const byMemory = Map.groupBy(origins, (row) => row.memory_id);
      return memories.map(({ id, namespace, coordinate }) => ({
        id: memoryId(id),
        namespace,
        coordinate,
        versions: (byMemory.get(id) ?? []).map((row) => ({
          version: row.version,
          writtenBy: row.written_by,
          createdAt: row.created_at,
          partial: row.partial,
          restoredFrom: row.restored_from,
        })),
      }));
    });
  }

  snapshot(
    scope: TenantScope,
    id: MemoryId,
    version: number,
  ): Promise<Required<MemoryChanges> | undefined> {
    return this.database.withTenant(scope, async (transaction) => {
      const [row] = await transaction.query<SnapshotRow[]>`
        SELECT v.memory_id, v.version, v.snapshot FROM memory_versions v
        WHERE v.tenant_id = ${scope.tenantId}::uuid AND v.memory_id = ${id}::uuid
          AND v.version = ${version}::integer`;
      const plain = row && (await this.cipher.openOne(scope, rowOfVersion(row)));
      if (!row || !plain) return undefined;
      const { memory_type, tags, importance, pinned, session_id, speaker } = row.snapshot;
      const { occurred_at, expires_at, source, trust, slot, valid_from, dedup } = row.snapshot;
      const { content, payload, metadata, prediction } = plain;
      return {
        content,
        payload,
        metadata,
        memory_type,
        tags,
        importance,
        pinned,
        dedup: dedup ?? 'allow',
        prediction,
        session_id,
        speaker,
        occurred_at,
        expires_at,
        source: source ?? null,
        trust: trust ?? FULL_TRUST,
        slot: slot ?? null,
        valid_from: valid_from ?? null,
      };
    });
  }

  countLinks(scope: TenantScope, of: WriterSince): Promise<number> {
    return this.database.withTenant(scope, async (transaction) => {
      const [row] = await transaction.query<{ count: number }[]>`
        SELECT count(*)::int AS count FROM links l WHERE ${madeBy(scope, of)}`;
      return row?.count ?? 0;
    });
  }

  removeLinks(scope: TenantScope, of: WriterSince, limit: number): Promise<number> {
    return this.database.withTenant(
      scope,
      (transaction) => transaction.execute`
        DELETE FROM links WHERE tenant_id = ${scope.tenantId}::uuid AND id IN (
          SELECT l.id FROM links l WHERE ${madeBy(scope, of)} ORDER BY l.id LIMIT ${limit}
          FOR UPDATE)`,
    );
  }

  async record(
    scope: TenantScope,
    { token, since }: WriterSince,
    counts: Readonly<Record<string, number>>,
  ): Promise<void> {
    await this.database.withTenant(
      scope,
      (transaction) =>
        transaction.execute`${appendEvent(scope, {
          action: 'writers.rollback',
          targetKind: 'token',
          target: token,
          outcome: 'done',
          details: { since: since.toISOString(), ...counts },
        })}`,
    );
  }
}

function madeBy(scope: TenantScope, { token, since }: WriterSince): Prisma.Sql {
  return Prisma.sql`l.tenant_id = ${scope.tenantId}::uuid AND l.written_by = ${token}
    AND l.created_at >= ${since}`;
}
