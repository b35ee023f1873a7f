import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tenantId, TenantScope } from '@soma/core';
import { Database } from '@soma/persistence';
import { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { statement, type TenantTransaction } from '../../contract/isolation.rows.js';
import type { Service } from '../service.js';

/** Everything that is stored, looked through for words that should not be there. */
export class StoredRows {
  private readonly database: Database;

  constructor(private readonly service: Service) {
    const { providers } = service.infrastructure;
    const found = providers.find(
      (provider) => 'provide' in provider && provider.provide === Database,
    );
    if (!found || !('useValue' in found)) throw new Error('The service has no database.');
    this.database = found.useValue as Database;
  }

  /** One transaction of the tenant. */
  within<Result>(
    tenant: string,
    work: (transaction: TenantTransaction, scope: TenantScope) => Promise<Result>,
  ): Promise<Result> {
    const scope = TenantScope.of(tenantId(tenant));
    return this.database.withTenant(scope, (transaction) => work(transaction, scope));
  }

  /** Rows of a statement asked as this tenant. */
  ask(tenant: string, sql: string): Promise<Record<string, unknown>[]> {
    return this.within(tenant, (transaction) =>
      transaction.query<Record<string, unknown>[]>(statement(sql)),
    );
  }

  /** Tables with a row of the tenant in which the word stands, in any column, as text or bytes. */
  async tablesWith(tenant: string, word: string): Promise<string[]> {
    const tables = await this.ask(
      tenant,
      `SELECT c.relname::text AS name FROM pg_class c
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
         AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1`,
    );
    expect(tables.length).toBeGreaterThanOrEqual(12);
    const hits: string[] = [];
    for (const { name } of tables) {
      const hex = Buffer.from(word, 'utf8').toString('hex');
      const [row] = await this.ask(
        tenant,
        `SELECT count(*)::int AS hits FROM "${String(name)}" t
         WHERE position('${word}' IN t::text) > 0 OR position('${hex}' IN t::text) > 0`,
      );
      if (row?.['hits'] !== 0) hits.push(String(name));
    }
    return hits;
  }

  /** How often the word stands in the files of the embedded database: rows, dead rows, and its log. */
  inFiles(word: string): number {
    let hits = 0;
    for (const entry of readdirSync(this.service.dataDir, {
      recursive: true,
      withFileTypes: true,
    })) {
      if (!entry.isFile()) continue;
      if (readFileSync(join(entry.parentPath, entry.name)).includes(word)) hits += 1;
    }
    return hits;
  }

  /** Rows of this tenant in Milvus, whole. */
  async inMilvus(tenant: string): Promise<string[]> {
    const { milvus } = this.service.infrastructure.config;
    if (!milvus) throw new Error('The service has no Milvus.');
    const { address, collectionPrefix } = milvus;
    const client = new MilvusClient({ address, logLevel: 'error' });
    try {
      const { data } = await client.showCollections();
      const rows: string[] = [];
      for (const { name } of data.filter((found) => found.name.startsWith(collectionPrefix))) {
        const found = await client.query({
          collection_name: name,
          filter: `tenant_id == "${tenant}"`,
          output_fields: ['*'],
          limit: 1_000,
        });
        rows.push(...found.data.map((row) => JSON.stringify(row)));
      }
      return rows;
    } finally {
      await client.closeConnection();
    }
  }
}
