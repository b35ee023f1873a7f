import { randomUUID } from 'node:crypto';
import { TenantScope, tenantId } from '@soma/core';
import type { Database } from '@soma/persistence';
import { statement } from './isolation.rows.js';
import {
  byTableAndColumn,
  type Column,
  COLUMNS_OF_DATABASE,
  columnsOfSchema,
} from './prisma-schema.js';

/** The migrations and the Prisma schema are written apart, by hand: this holds them together. */
export function migratedSchemaContract(open: () => Promise<Database>): void {
  it('equals prisma/schema.prisma, column by column', async () => {
    const database = await open();
    try {
      const nobody = TenantScope.of(tenantId(randomUUID()));
      const columns = await database.withTenant(nobody, (transaction) =>
        transaction.query<Column[]>(statement(COLUMNS_OF_DATABASE)),
      );
      expect(columns.length).toBeGreaterThan(60);
      expect([...columns].sort(byTableAndColumn)).toEqual(columnsOfSchema());
    } finally {
      await database.close();
    }
  });
}
