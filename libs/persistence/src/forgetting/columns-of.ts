import type { Transaction } from '../connection/transaction.js';
import { Prisma } from '../generated/client.js';

/**
 * The columns of a table that can be written, whichever they are by now: a row that is moved to a
 * table like it must not lose one that came later.
 */
export async function columnsOf(transaction: Transaction, table: string): Promise<Prisma.Sql> {
  const rows = await transaction.query<{ name: string }[]>`
    SELECT quote_ident(attname) AS name FROM pg_attribute
    WHERE attrelid = ${table}::text::regclass AND attnum > 0 AND NOT attisdropped
      AND attgenerated = '' ORDER BY attnum`;
  return Prisma.join(rows.map(({ name }) => Prisma.raw(name)));
}
