import { Injectable } from '@nestjs/common';
import { SomaError, tenantId, type TenantId, TenantScope } from '@soma/core';
import {
  type EncryptionState,
  PLAIN,
  type SealedField,
  TenantKeyStore,
  type WrappedKey,
} from '@soma/encryption';
import { appendEvent } from '../audit/audit-row.js';
import { Database } from '../connection/database.js';
import type { Transaction } from '../connection/transaction.js';
import { Prisma } from '../generated/client.js';

interface StateRow {
  fields: SealedField[];
  held: SealedField[];
  key_version: number;
  revision: number;
  applied: boolean;
  destroyed_at: Date | null;
}

const STATE = Prisma.sql`s.fields, s.held, s.key_version, s.revision, s.applied, s.destroyed_at`;
/** The same as in the function encryption_for_write. */
const LOCK = 64;

@Injectable()
export class PostgresTenantKeyStore extends TenantKeyStore {
  constructor(private readonly database: Database) {
    super();
  }

  state(scope: TenantScope): Promise<EncryptionState> {
    return this.read(
      scope,
      Prisma.sql`SELECT ${STATE} FROM tenant_encryption s
        WHERE s.tenant_id = ${scope.tenantId}::uuid`,
    );
  }

  stateForWrite(scope: TenantScope): Promise<EncryptionState> {
    return this.read(
      scope,
      Prisma.sql`SELECT ${STATE} FROM encryption_for_write(${scope.tenantId}::uuid) s`,
    );
  }

  keys(scope: TenantScope): Promise<WrappedKey[]> {
    return this.database.withTenant(
      scope,
      (transaction) => transaction.query<WrappedKey[]>`
        SELECT version, wrapped FROM tenant_keys WHERE tenant_id = ${scope.tenantId}::uuid
        ORDER BY version`,
    );
  }

  setFields(
    scope: TenantScope,
    fields: readonly SealedField[],
    firstKey: WrappedKey | undefined,
  ): Promise<EncryptionState> {
    return this.change(scope, async (transaction) => {
      if (firstKey) await insertKey(transaction, scope, firstKey);
      const [row] = await transaction.query<StateRow[]>`
        INSERT INTO tenant_encryption AS s
          (tenant_id, fields, held, key_version, revision, applied)
        SELECT ${scope.tenantId}::uuid, ${fields}::text[], ${fields}::text[],
          coalesce(max(k.version), 0), 1, false
        FROM tenant_keys k WHERE k.tenant_id = ${scope.tenantId}::uuid
        ON CONFLICT (tenant_id) DO UPDATE SET fields = excluded.fields,
          held = ARRAY(SELECT unnest(s.held) UNION SELECT unnest(excluded.fields) ORDER BY 1),
          key_version = excluded.key_version, revision = s.revision + 1, applied = false
        RETURNING ${STATE}`;
      await keyEvent(transaction, scope, 'encryption.set', { fields });
      return row;
    });
  }

  addKey(scope: TenantScope, key: WrappedKey): Promise<EncryptionState | undefined> {
    return this.database.withTenant(scope, async (transaction) => {
      await lockOut(transaction, scope);
      await assertNotDestroyed(transaction, scope);
      if ((await insertKey(transaction, scope, key)) === 0) return undefined;
      const [row] = await transaction.query<StateRow[]>`
        INSERT INTO tenant_encryption AS s
          (tenant_id, fields, held, key_version, revision, applied)
        VALUES (${scope.tenantId}::uuid, '{}', '{}', ${key.version}::int, 1, true)
        ON CONFLICT (tenant_id) DO UPDATE SET key_version = excluded.key_version,
          revision = s.revision + 1, applied = false
        RETURNING ${STATE}`;
      await keyEvent(transaction, scope, 'encryption.add_key', { version: key.version });
      return row && stateOf(row);
    });
  }

  async replaceWrapped(scope: TenantScope, from: WrappedKey, wrapped: string): Promise<void> {
    await this.database.withTenant(scope, async (transaction) => {
      const rewrapped = await transaction.execute`
        UPDATE tenant_keys SET wrapped = ${wrapped}
        WHERE tenant_id = ${scope.tenantId}::uuid AND version = ${from.version}::int
          AND wrapped = ${from.wrapped}`;
      if (rewrapped === 0) return;
      await keyEvent(transaction, scope, 'encryption.rewrap_key', { version: from.version });
    });
  }

  async markApplied(scope: TenantScope, revision: number): Promise<void> {
    await this.database.withTenant(
      scope,
      (transaction) => transaction.execute`
        UPDATE tenant_encryption SET applied = true, held = fields
        WHERE tenant_id = ${scope.tenantId}::uuid AND revision = ${revision}::int`,
    );
  }

  async destroyKeys(scope: TenantScope): Promise<void> {
    await this.database.withTenant(scope, async (transaction) => {
      await lockOut(transaction, scope);
      const keys = await transaction.execute`
        DELETE FROM tenant_keys WHERE tenant_id = ${scope.tenantId}::uuid`;
      await keyEvent(transaction, scope, 'encryption.destroy_keys', { keys });
      await transaction.execute`
        UPDATE tenant_encryption SET destroyed_at = coalesce(destroyed_at, clock_timestamp()),
          revision = revision + 1
        WHERE tenant_id = ${scope.tenantId}::uuid`;
    });
  }

  hasTenant({ tenantId: id }: TenantScope): Promise<boolean> {
    return this.database.withSystem(
      async ({ tenant }) => (await tenant.count({ where: { id } })) > 0,
    );
  }

  tenants(limit: number, after?: TenantId): Promise<TenantScope[]> {
    return this.database.withSystem(async ({ tenant }) => {
      const rows = await tenant.findMany({
        where: after === undefined ? {} : { id: { gt: after } },
        orderBy: { id: 'asc' },
        take: limit,
        select: { id: true },
      });
      return rows.map(({ id }) => TenantScope.of(tenantId(id)));
    });
  }

  private read(scope: TenantScope, statement: Prisma.Sql): Promise<EncryptionState> {
    return this.database.withTenant(scope, async (transaction) => {
      const [row] = await transaction.query<StateRow[]>`${statement}`;
      return row ? stateOf(row) : PLAIN;
    });
  }

  private change(
    scope: TenantScope,
    work: (transaction: Transaction) => Promise<StateRow | undefined>,
  ): Promise<EncryptionState> {
    return this.database.withTenant(scope, async (transaction) => {
      await lockOut(transaction, scope);
      await assertNotDestroyed(transaction, scope);
      const row = await work(transaction);
      if (!row) throw new Error('The encryption of a tenant was set and no row came back.');
      return stateOf(row);
    });
  }
}

const keyEvent = (
  transaction: Transaction,
  scope: TenantScope,
  action: string,
  details: Readonly<Record<string, unknown>>,
): Promise<number> =>
  transaction.execute`${appendEvent(scope, {
    action,
    targetKind: 'encryption',
    target: scope.tenantId,
    outcome: 'done',
    details,
  })}`;

/** Waits for every write that has read the state, and lets none read it until the commit. */
async function lockOut(transaction: Transaction, scope: TenantScope): Promise<void> {
  await transaction.execute`
    SELECT pg_advisory_xact_lock(hashtext(${scope.tenantId}::text), ${LOCK}::int)`;
}

async function assertNotDestroyed(transaction: Transaction, scope: TenantScope): Promise<void> {
  const [row] = await transaction.query<{ destroyed_at: Date | null }[]>`
    SELECT destroyed_at FROM tenant_encryption WHERE tenant_id = ${scope.tenantId}::uuid`;
  if (!row?.destroyed_at) return;
  throw new SomaError(
    'ENCRYPTION_KEY_DESTROYED',
    `The data keys of this tenant were destroyed at ${row.destroyed_at.toISOString()}.`,
  );
}

const insertKey = (
  transaction: Transaction,
  scope: TenantScope,
  { version, wrapped }: WrappedKey,
): Promise<number> =>
  transaction.execute`
    INSERT INTO tenant_keys (tenant_id, version, wrapped)
    VALUES (${scope.tenantId}::uuid, ${version}::int, ${wrapped})
    ON CONFLICT (tenant_id, version) DO NOTHING`;

const stateOf = (row: StateRow): EncryptionState => ({
  fields: row.fields,
  held: row.held,
  keyVersion: row.key_version,
  revision: row.revision,
  isApplied: row.applied,
  destroyedAt: row.destroyed_at ?? undefined,
});
