import { setImmediate as otherEvents } from 'node:timers/promises';
import type { PGlite } from '@electric-sql/pglite';
import { copyEmbedded } from '../backup/embedded-copy.js';
import type { SqlEngine } from './sql-engine.js';

/** The embedded database, which runs one transaction after the other. */
export function pgliteEngine(database: PGlite, beforeClose: () => void): SqlEngine {
  return {
    transaction: (setUp, work) =>
      database.transaction(async (transaction) => {
        await otherEvents();
        await transaction.exec(setUp);
        return work({
          run: async (text, values) => {
            const { rows, affectedRows } = await transaction.query(text, [...values]);
            return { rows, affected: affectedRows ?? 0 };
          },
        });
      }),
    copy: () => copyEmbedded(database),
    close: async () => {
      beforeClose();
      await database.close();
    },
  };
}
