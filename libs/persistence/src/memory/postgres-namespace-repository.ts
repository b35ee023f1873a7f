import { Injectable } from '@nestjs/common';
import type { TenantScope } from '@soma/core';
import { type Language, type Namespace, NamespaceRepository } from '@soma/memory';
import { appendEvent } from '../audit/audit-row.js';
import { Database } from '../connection/database.js';
import type { Transaction } from '../connection/transaction.js';
import { Prisma } from '../generated/client.js';
import { countChanges, type StatisticsChange } from './lexical-statistics.js';
import { lockNamespace } from './namespace-lock.js';
import { clearPostings, writePostings } from './postings.js';

/** What is derived anew in one statement, far inside its timeout: memories, and bytes of text. */
const BATCH = { memories: 250, bytes: 250_000 };

interface SizedRow {
  id: string;
  bytes: number;
}

const COLUMNS = Prisma.sql`s.namespace, s.language, s.memories::float8 AS memories`;

@Injectable()
export class PostgresNamespaceRepository extends NamespaceRepository {
  constructor(private readonly database: Database) {
    super();
  }

  list(scope: TenantScope, limit: number, after?: string): Promise<Namespace[]> {
    const rest = after === undefined ? Prisma.empty : Prisma.sql`AND s.namespace > ${after}`;
    return this.database.withTenant(
      scope,
      (transaction) => transaction.query<Namespace[]>`
        SELECT ${COLUMNS} FROM lexical_stats s WHERE s.tenant_id = ${scope.tenantId}::uuid ${rest}
        ORDER BY s.namespace LIMIT ${limit}`,
    );
  }

  find(scope: TenantScope, namespace: string, lock?: 'for-update'): Promise<Namespace | undefined> {
    return this.database.withTenant(scope, async (transaction) => {
      if (lock) await lockNamespace(transaction, scope, namespace);
      const [row] = await transaction.query<Namespace[]>`
        SELECT ${COLUMNS} FROM lexical_stats s
        WHERE s.tenant_id = ${scope.tenantId}::uuid AND s.namespace = ${namespace}`;
      return row;
    });
  }

  setLanguage(scope: TenantScope, namespace: string, language: Language): Promise<Namespace> {
    return this.database.withTenant(scope, async (transaction) => {
      const [row] = await transaction.query<Namespace[]>`
        INSERT INTO lexical_stats AS s (tenant_id, namespace, memories, total_length, language)
        VALUES (${scope.tenantId}::uuid, ${namespace}, 0, 0, ${language})
        ON CONFLICT (tenant_id, namespace) DO UPDATE SET language = excluded.language
        RETURNING ${COLUMNS}`;
      if (!row) throw new Error('The language was set and no row came back.');
      await rederive(transaction, scope, namespace);
      await transaction.execute`${appendEvent(scope, {
        action: 'namespaces.update',
        targetKind: 'namespace',
        target: '',
        outcome: 'done',
        details: { language, memories: row.memories },
      })}`;
      return row;
    });
  }
}

async function rederive(
  transaction: Transaction,
  scope: TenantScope,
  namespace: string,
): Promise<void> {
  const rows = await transaction.query<SizedRow[]>`
    SELECT m.id, octet_length(m.content) AS bytes FROM memories m
    WHERE m.tenant_id = ${scope.tenantId}::uuid AND m.namespace = ${namespace} ORDER BY m.id`;
  const changes: StatisticsChange[] = [];
  for (const ids of batchesOf(rows)) {
    changes.push(...(await clearPostings(transaction, scope, ids)));
    changes.push(...(await writePostings(transaction, scope, ids)));
  }
  await countChanges(transaction, scope, changes);
}

function batchesOf(rows: readonly SizedRow[]): string[][] {
  const batches: string[][] = [];
  let bytes = 0;
  for (const row of rows) {
    const last = batches.at(-1);
    bytes += row.bytes;
    if (last && last.length < BATCH.memories && bytes <= BATCH.bytes) {
      last.push(row.id);
    } else {
      batches.push([row.id]);
      bytes = row.bytes;
    }
  }
  return batches;
}
