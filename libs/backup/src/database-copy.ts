import type { DatabaseContents } from './backup-manifest.js';

/** A copy as of one moment, and what is in it. */
export interface CopiedDatabase {
  readonly contents: DatabaseContents;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Port: the whole database of this service, all tenants together. */
export abstract class DatabaseCopy {
  /** @throws SomaError BACKUP_ELSEWHERE where the database has a tool of its own for this. */
  abstract copy(): Promise<CopiedDatabase>;
}
