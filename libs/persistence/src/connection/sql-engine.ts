import type { CopiedDatabase } from '@soma/backup';

export interface SqlResult {
  readonly rows: readonly unknown[];
  /** Rows written, for a statement that writes. */
  readonly affected: number;
}

/** One connection inside a transaction. */
export interface SqlConnection {
  run(text: string, values: readonly unknown[]): Promise<SqlResult>;
}

/** Where tenants' transactions run: a pool of PostgreSQL, or the embedded database. */
export interface SqlEngine {
  /** Runs `setUp` (trusted SQL) and then `work` in one transaction: all of it commits, or nothing. */
  transaction<Result>(
    setUp: string,
    work: (connection: SqlConnection) => Promise<Result>,
  ): Promise<Result>;
  /** All of it as of one moment. @throws SomaError BACKUP_ELSEWHERE where that is done otherwise. */
  copy(): Promise<CopiedDatabase>;
  close(): Promise<void>;
}
