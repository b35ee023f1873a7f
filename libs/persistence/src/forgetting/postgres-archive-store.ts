import { Injectable } from '@nestjs/common';
import {
  type Coordinate,
  type MemoryId,
  memoryId,
  type JsonObject,
  tenantId,
  TenantScope,
} from '@soma/core';
import {
  type Archived,
  type ArchivedFields,
  type ArchiveQuestion,
  ArchiveStore,
} from '@soma/forgetting';
import { tellOf } from '../audit/memories-event.js';
import { Database } from '../connection/database.js';
import { rowOfVersion, type VersionRow } from '../encryption/reencrypt-memories.js';
import { RowCipher } from '../encryption/row-cipher.js';
import { Prisma } from '../generated/client.js';
import { holdAllNamespaces } from '../memory/namespace-lock.js';
import {
  archivedOfFields,
  archivedOfMemory,
  type FieldsRow,
  type MemoryRow,
} from './archive-row.js';
import { type DecayedRow, strikeFields } from './purge-fields.js';
import { DECAYED, restoreMemory } from './restore-memory.js';
import { NOT_HELD } from './salience-sql.js';

@Injectable()
export class PostgresArchiveStore extends ArchiveStore {
  constructor(
    private readonly database: Database,
    private readonly cipher: RowCipher,
  ) {
    super();
  }

  list(
    scope: TenantScope,
    { kind, namespace, limit, after }: ArchiveQuestion,
  ): Promise<Archived[]> {
    const conditions = [Prisma.sql`a.tenant_id = ${scope.tenantId}::uuid`];
    if (namespace !== undefined) conditions.push(Prisma.sql`a.namespace = ${namespace}`);
    if (after) {
      const { value, id } = after;
      conditions.push(
        Prisma.sql`(a.archived_at, a.id) < (${String(value)}::timestamptz, ${id}::uuid)`,
      );
    }
    const where = Prisma.join(conditions, ' AND ');
    const order = Prisma.sql`ORDER BY a.archived_at DESC, a.id DESC LIMIT ${limit}`;
    return this.database.withTenant(scope, async (transaction) => {
      if (kind === 'fields') {
        const rows = await transaction.query<FieldsRow[]>`
          SELECT a.* FROM decayed_fields a WHERE ${where} ${order}`;
        return rows.map(archivedOfFields);
      }
      const rows = await transaction.query<MemoryRow[]>`
        SELECT a.id, a.namespace, a.coordinate, a.memory_type, a.content, a.payload, a.metadata,
          a.sealed_content, a.sealed_payload, a.sealed_metadata, a.salience, a.archived_at,
          a.purge_at
        FROM archived_memories a WHERE ${where} AND ${DECAYED} ${order}`;
      return (await this.cipher.open(scope, rows)).map(archivedOfMemory);
    });
  }

  restoreMemory(
    scope: TenantScope,
    id: string,
    coordinate: Coordinate | undefined,
  ): Promise<MemoryId | undefined> {
    return this.database.withTenant(scope, async (transaction) => {
      const restored = await restoreMemory(
        transaction,
        scope,
        { id, coordinate, why: DECAYED },
        this.cipher,
      );
      if (!restored) return undefined;
      const ids = [memoryId(id.toLowerCase())];
      await tellOf(transaction, scope, 'memories.restore', { ids, details: { kind: 'memory' } });
      return ids[0];
    });
  }

  takeFields(scope: TenantScope, id: string): Promise<ArchivedFields | undefined> {
    return this.database.withTenant(scope, async (transaction) => {
      const where = Prisma.sql`d.tenant_id = ${scope.tenantId}::uuid AND d.id = ${id}::uuid
        AND EXISTS (SELECT 1 FROM memories m
          WHERE m.tenant_id = d.tenant_id AND m.id = d.memory_id)`;
      const [found] = await transaction.query<{ n: number }[]>`
        SELECT 1 AS n FROM decayed_fields d WHERE ${where}`;
      if (!found) return undefined;
      await holdAllNamespaces(transaction, scope);
      const [row] = await transaction.query<DecayedRow[]>`
        DELETE FROM decayed_fields d WHERE ${where} RETURNING d.*`;
      if (!row) return undefined;
      const details = { kind: 'fields' };
      await tellOf(transaction, scope, 'memories.restore', { ids: [row.memory_id], details });
      const versions = await transaction.query<VersionRow[]>`
        SELECT v.memory_id, v.version, v.snapshot FROM memory_versions v
        WHERE v.tenant_id = ${scope.tenantId}::uuid AND v.memory_id = ${row.memory_id}::uuid
          AND v.version = ${row.version}::int`;
      const [plain] = await this.cipher.open(scope, versions.map(rowOfVersion));
      return {
        memoryId: memoryId(row.memory_id),
        payload: picked(plain?.payload ?? {}, row.payload_keys),
        metadata: picked(plain?.metadata ?? {}, row.metadata_keys),
      };
    });
  }

  has(scope: TenantScope, id: string): Promise<boolean> {
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<unknown[]>`
        SELECT 1 FROM archived_memories a
        WHERE a.tenant_id = ${scope.tenantId}::uuid AND a.id = ${id}::uuid`;
      return rows.length > 0;
    });
  }

  overdue(scope: TenantScope, now: Date, limit: number): Promise<MemoryId[]> {
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<{ id: string }[]>`
        (SELECT m.id FROM memories m
          WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.expires_at <= ${now} AND ${NOT_HELD}
          LIMIT ${limit})
        UNION ALL (SELECT a.id FROM archived_memories a
          WHERE a.tenant_id = ${scope.tenantId}::uuid AND a.purge_at <= ${now} LIMIT ${limit})
        LIMIT ${limit}`;
      return rows.map(({ id }) => memoryId(id));
    });
  }

  tenants(limit: number, after?: string): Promise<TenantScope[]> {
    const next = after === undefined ? Prisma.empty : Prisma.sql`AND id > ${after}::uuid`;
    return this.database.withSystem(async (transaction) => {
      const rows = await transaction.$queryRaw<{ id: string }[]>`
        SELECT id FROM tenants WHERE deleted_at IS NULL ${next} ORDER BY id LIMIT ${limit}`;
      return rows.map(({ id }) => TenantScope.of(tenantId(id)));
    });
  }

  purgeFields(scope: TenantScope, now: Date, limit: number): Promise<number> {
    return this.database.withTenant(scope, async (transaction) => {
      const where = Prisma.sql`d.tenant_id = ${scope.tenantId}::uuid AND d.purge_at <= ${now}
        AND NOT EXISTS (SELECT 1 FROM legal_holds h
          WHERE h.tenant_id = d.tenant_id AND h.memory_id = d.memory_id)`;
      const due = await transaction.query<unknown[]>`
        SELECT 1 FROM decayed_fields d WHERE ${where} LIMIT 1`;
      if (due.length === 0) return 0;
      await holdAllNamespaces(transaction, scope);
      const rows = await transaction.query<DecayedRow[]>`
        DELETE FROM decayed_fields d USING (
          SELECT d.id FROM decayed_fields d WHERE ${where} ORDER BY d.id LIMIT ${limit}
          FOR UPDATE SKIP LOCKED) gone
        WHERE d.tenant_id = ${scope.tenantId}::uuid AND d.id = gone.id RETURNING d.*`;
      for (const row of rows) await strikeFields(transaction, scope, row, this.cipher);
      const ids = [...new Set(rows.map(({ memory_id: id }) => id))];
      await tellOf(transaction, scope, 'memories.strike', {
        ids,
        details: { entries: rows.length },
      });
      return rows.length;
    });
  }
}

const picked = (object: JsonObject, keys: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([key]) => keys.includes(key)));
