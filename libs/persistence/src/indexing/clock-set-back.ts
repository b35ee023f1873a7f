import { Prisma } from '../generated/client.js';

/**
 * Tasks `t` whose time has come, or lies further ahead than anything is ever put off (150 s, parked
 * ones a quarter of an hour): that time was written before the server's clock was set back.
 */
export const IS_DUE = Prisma.sql`(t.available_at <= now() OR t.available_at > now() +
  CASE WHEN t.parked_at IS NULL THEN interval '3 minutes' ELSE interval '20 minutes' END)`;

/** Embeddings `e` that were indexed before the server's clock was set back by more than a minute. */
export const IS_INDEXED_BY_A_LATER_CLOCK = Prisma.sql`(e.indexed_at < 'infinity'
  AND e.indexed_at > clock_timestamp() + interval '1 minute')`;
