import type { JsonObject, TenantScope } from '@soma/core';
import type { Transaction } from '../connection/transaction.js';
import {
  keptAs,
  rowOfVersion,
  type VersionRow,
  withoutSealed,
} from '../encryption/reencrypt-memories.js';
import type { RowCipher } from '../encryption/row-cipher.js';
import { Prisma } from '../generated/client.js';

export interface DecayedRow {
  readonly id: string;
  readonly memory_id: string;
  readonly version: number;
  readonly payload_keys: string[];
  readonly metadata_keys: string[];
}

/** Strikes keys from every version that still has them, wherever the memory is by now. */
export async function strikeFields(
  transaction: Transaction,
  scope: TenantScope,
  decayed: DecayedRow,
  cipher: RowCipher,
): Promise<void> {
  const sealing = await cipher.sealing(transaction, scope);
  for (const table of ['memory_versions', 'archived_versions']) {
    const versions = Prisma.raw(table);
    const rows = await transaction.query<VersionRow[]>`
      SELECT v.memory_id, v.version, v.snapshot FROM ${versions} v
      WHERE v.tenant_id = ${scope.tenantId}::uuid AND v.memory_id = ${decayed.memory_id}::uuid
        AND v.version <= ${decayed.version}::int FOR UPDATE`;
    const opened = await cipher.open(scope, rows.map(rowOfVersion));
    for (const [at, row] of rows.entries()) {
      const plain = opened[at];
      if (!plain) throw new Error('A version was opened and then not found.');
      const { id: _id, ...kept } = keptAs(
        {
          ...plain,
          payload: struck(plain.payload, decayed.payload_keys),
          metadata: struck(plain.metadata, decayed.metadata_keys),
        },
        sealing,
      );
      await transaction.execute`
        UPDATE ${versions} v
        SET snapshot = ${JSON.stringify({ ...withoutSealed(row.snapshot), ...kept })}::jsonb
        WHERE v.tenant_id = ${scope.tenantId}::uuid AND v.memory_id = ${decayed.memory_id}::uuid
          AND v.version = ${row.version}::int`;
    }
  }
}

const struck = (object: JsonObject, keys: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
