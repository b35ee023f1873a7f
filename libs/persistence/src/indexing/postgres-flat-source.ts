import { Injectable } from '@nestjs/common';
import type { TenantScope } from '@soma/core';
import {
  type EntryIdPage,
  FlatIndexSource,
  type IndexEntry,
  type IndexPartition,
} from '@soma/vector-index';
import { Database } from '../connection/database.js';
import { RowCipher } from '../encryption/row-cipher.js';
import { Prisma } from '../generated/client.js';
import { entriesOfRows, ENTRY_COLUMNS, type EntryRow } from './entry-row.js';

const BATCH = 2_000;

@Injectable()
export class PostgresFlatSource extends FlatIndexSource {
  constructor(
    private readonly database: Database,
    private readonly cipher: RowCipher,
  ) {
    super();
  }

  async *entries(
    scope: TenantScope,
    { namespace, model }: IndexPartition,
  ): AsyncIterable<readonly IndexEntry[]> {
    let after: string | undefined;
    for (;;) {
      const rows = await this.batch(scope, { namespace, model }, after);
      yield await entriesOfRows(scope, rows, this.cipher);
      if (rows.length < BATCH) return;
      after = rows.at(-1)?.memory_id;
    }
  }

  entryIds(
    scope: TenantScope,
    { model, after, limit }: EntryIdPage,
    without: readonly string[],
  ): Promise<string[]> {
    const next = after === undefined ? Prisma.empty : Prisma.sql`AND entry_id > ${after}::uuid`;
    return this.database.withTenant(scope, async (transaction) => {
      const rows = await transaction.query<{ entry_id: string }[]>`
        SELECT entry_id FROM embeddings
        WHERE tenant_id = ${scope.tenantId}::uuid AND model = ${model} AND NOT superseded
          AND namespace <> ALL (${without}::text[]) ${next}
        ORDER BY entry_id LIMIT ${limit}`;
      return rows.map((row) => row.entry_id);
    });
  }

  private batch(
    scope: TenantScope,
    { namespace, model }: IndexPartition,
    after: string | undefined,
  ): Promise<EntryRow[]> {
    const next = after === undefined ? Prisma.empty : Prisma.sql`AND e.memory_id > ${after}::uuid`;
    return this.database.withTenant(
      scope,
      (transaction) => transaction.query<EntryRow[]>`
        SELECT ${ENTRY_COLUMNS} FROM embeddings e
        JOIN memories m ON m.tenant_id = e.tenant_id AND m.id = e.memory_id
        WHERE e.tenant_id = ${scope.tenantId}::uuid AND e.namespace = ${namespace}
          AND e.model = ${model} AND NOT e.superseded ${next}
        ORDER BY e.memory_id LIMIT ${BATCH}`,
    );
  }
}
