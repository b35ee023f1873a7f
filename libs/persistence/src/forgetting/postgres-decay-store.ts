import { Injectable } from '@nestjs/common';
import type { TenantScope } from '@soma/core';
import {
  type DecayCandidate,
  type DecayedFields,
  type DecayQuestion,
  DecayStore,
} from '@soma/forgetting';
import { v7 as uuidv7 } from 'uuid';
import { tellOf } from '../audit/memories-event.js';
import { Database } from '../connection/database.js';
import { type MaybeSealed, RowCipher } from '../encryption/row-cipher.js';
import { Prisma } from '../generated/client.js';
import { SUPERSEDES_NONE } from '../memory/fact-sql.js';
import { holdAllNamespaces, holdNamespace } from '../memory/namespace-lock.js';
import { archiveMemories, type Archiving } from './move-memories.js';
import { idleSql, NOT_HELD, salienceSql } from './salience-sql.js';

interface CandidateRow extends MaybeSealed {
  namespace: string;
  coordinate: string;
  version: number;
  salience: number;
  idle_ms: number;
}

@Injectable()
export class PostgresDecayStore extends DecayStore {
  constructor(
    private readonly database: Database,
    private readonly cipher: RowCipher,
  ) {
    super();
  }

  candidates(
    scope: TenantScope,
    { at, halfLives, thresholds, namespace, after, limit }: DecayQuestion,
    lock?: 'for-update',
  ): Promise<DecayCandidate[]> {
    const [idle, salience] = [idleSql(at), salienceSql(halfLives, at)];
    const met = thresholds.map(({ idleMs, below }) => {
      const faded =
        below === Infinity ? Prisma.sql`true` : Prisma.sql`${salience} < ${below}::float8`;
      return Prisma.sql`(${idle} >= ${idleMs}::float8 AND ${faded})`;
    });
    const conditions = [
      Prisma.sql`m.tenant_id = ${scope.tenantId}::uuid`,
      Prisma.sql`NOT m.pinned AND NOT m.derived`,
      NOT_HELD,
      SUPERSEDES_NONE,
      Prisma.sql`(m.expires_at IS NULL OR m.expires_at > ${at})`,
      Prisma.sql`(${Prisma.join(met, ' OR ')})`,
    ];
    if (namespace !== undefined) conditions.push(Prisma.sql`m.namespace = ${namespace}`);
    if (after !== undefined) conditions.push(Prisma.sql`m.id > ${after}::uuid`);
    const locking = lock ? Prisma.sql`FOR NO KEY UPDATE OF m` : Prisma.empty;
    return this.database.withTenant(scope, async (transaction) => {
      if (lock && namespace !== undefined) await holdNamespace(transaction, scope, namespace);
      else if (lock) await holdAllNamespaces(transaction, scope);
      const rows = await transaction.query<CandidateRow[]>`
        SELECT m.id, m.namespace, m.coordinate, m.version, ${salience} AS salience,
          ${idle} AS idle_ms, m.content, m.payload, m.metadata, m.sealed_content, m.sealed_payload,
          m.sealed_metadata
        FROM memories m WHERE ${Prisma.join(conditions, ' AND ')}
        ORDER BY m.id LIMIT ${limit} ${locking}`;
      return (await this.cipher.open(scope, rows)).map(({ idle_ms: idleMs, ...row }) => ({
        ...row,
        idleMs,
      }));
    });
  }

  async archive(
    scope: TenantScope,
    memories: readonly { readonly id: string; readonly salience: number }[],
    times: Archiving,
  ): Promise<void> {
    await this.database.withTenant(scope, async (transaction) => {
      await archiveMemories(transaction, scope, memories, times);
      const ids = memories.map(({ id }) => id);
      await tellOf(transaction, scope, 'memories.archive', { ids, details: {} });
    });
  }

  async noteFields(
    scope: TenantScope,
    fields: readonly DecayedFields[],
    { at, purgeAt }: Archiving,
  ): Promise<void> {
    const rows = fields.map((noted) => ({
      id: uuidv7(),
      memory_id: noted.memoryId,
      namespace: noted.namespace,
      version: noted.version,
      payload_keys: noted.payloadKeys,
      metadata_keys: noted.metadataKeys,
    }));
    await this.database.withTenant(scope, async (transaction) => {
      await transaction.execute`
        INSERT INTO decayed_fields (tenant_id, id, memory_id, namespace, version, payload_keys,
          metadata_keys, archived_at, purge_at)
        SELECT ${scope.tenantId}::uuid, d.id, d.memory_id, d.namespace, d.version, d.payload_keys,
          d.metadata_keys, ${at}, ${purgeAt}
        FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS d (id uuid, memory_id uuid,
          namespace text, version integer, payload_keys text[], metadata_keys text[])`;
      const ids = fields.map(({ memoryId }) => memoryId);
      const keys = fields.flatMap((noted) => [...noted.payloadKeys, ...noted.metadataKeys]).length;
      await tellOf(transaction, scope, 'memories.fade', { ids, details: { keys } });
    });
  }
}
