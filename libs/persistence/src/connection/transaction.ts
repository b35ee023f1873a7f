import { Prisma } from '../generated/client.js';
import type { SqlConnection } from './sql-engine.js';

/**
 * A tenant's open transaction. Statements are templates: every value becomes a parameter, and only
 * `Prisma.sql` fragments become text.
 */
export class Transaction {
  constructor(private readonly connection: SqlConnection) {}

  /** The rows a statement gives; the caller says what they look like. */
  async query<Rows extends unknown[]>(
    strings: TemplateStringsArray,
    ...values: unknown[]
  ): Promise<Rows> {
    const { text, values: parameters } = Prisma.sql(strings, ...values);
    const { rows } = await this.connection.run(text, parameters);
    return rows as Rows;
  }

  /** How many rows a statement wrote. */
  async execute(strings: TemplateStringsArray, ...values: unknown[]): Promise<number> {
    const { text, values: parameters } = Prisma.sql(strings, ...values);
    return (await this.connection.run(text, parameters)).affected;
  }
}
