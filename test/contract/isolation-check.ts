import type { RowIds } from './isolation.rows.js';

/** A connection of a superuser, inside one transaction. */
export interface RawConnection {
  /** Rows that came back, or how many were written. */
  run(sql: string): Promise<{ rows: readonly unknown[]; affected: number }>;
}

export interface TwoTenants {
  readonly ours: RowIds;
  readonly theirs: RowIds;
}

/** One thing the database must hold to, whatever the code above it asks. */
export interface IsolationCheck {
  readonly table: string;
  readonly name: string;
  /** @returns what is wrong; undefined when nothing is. */
  readonly fault: (connection: RawConnection, tenants: TwoTenants) => Promise<string | undefined>;
}
