import { SomaError, type TenantScope } from '@soma/core';
import { isLockTimeout } from '../connection/database-failure.js';
import type { Transaction } from '../connection/transaction.js';
import { Prisma } from '../generated/client.js';

/** Namespaces of a tenant share so many locks, so that a write to any number of them takes few. */
const LOCKS = 64;
/** Short, so that writers who wait for one namespace do not keep every connection. */
const LONGEST_WAIT_MS = 2_000;
const RETRY_AFTER_SECONDS = 3;

/** The one lock of which embedding models are in use. */
const MODELS_LOCK = Prisma.sql`5301974123846225::bigint`;

/**
 * Keeps the language of namespaces as it is until the commit, and the embedding models in use. Every write of memories calls this
 * before it touches one, and reads the language in a later statement: so a change of language sees
 * all that was written in the old one, and what comes after it is written in the new one. An
 * advisory lock, because a namespace may have no row yet, and so that a stream of writers
 * cannot keep a change waiting for ever.
 * @param namespaces a table of one column.
 * @throws SomaError DEPENDENCY_UNAVAILABLE while a change of a language takes its time.
 */
export async function holdNamespaces(
  transaction: Transaction,
  scope: TenantScope,
  namespaces: Prisma.Sql,
): Promise<void> {
  const tenant = Prisma.sql`hashtext(${scope.tenantId}::text)`;
  const locks = Prisma.sql`(SELECT DISTINCT ${lockNumber(Prisma.sql`n.namespace`)} AS number
    FROM ${namespaces} AS n (namespace) ORDER BY 1) l`;
  const [free] = await transaction.query<{ held: boolean | null }[]>`
    SELECT pg_try_advisory_xact_lock_shared(${MODELS_LOCK})
      AND bool_and(pg_try_advisory_xact_lock_shared(${tenant}, l.number)) AS held FROM ${locks}`;
  if (free?.held !== false) return;
  try {
    await transaction.query`
      SELECT set_config('lock_timeout', ${String(LONGEST_WAIT_MS)}, true)`;
    await transaction.execute`SELECT pg_advisory_xact_lock_shared(${MODELS_LOCK})`;
    await transaction.execute`
      SELECT pg_advisory_xact_lock_shared(${tenant}, l.number) FROM ${locks}`;
    await transaction.query`SELECT set_config('lock_timeout', '0', true)`;
  } catch (error) {
    if (!isLockTimeout(error)) throw error;
    throw new SomaError(
      'DEPENDENCY_UNAVAILABLE',
      'The language of the namespace, or the embedding model, is being changed; try again.',
      { cause: error, retryAfterSeconds: RETRY_AFTER_SECONDS },
    );
  }
}

/** The same of one namespace. */
export function holdNamespace(
  transaction: Transaction,
  scope: TenantScope,
  namespace: string,
): Promise<void> {
  return holdNamespaces(transaction, scope, Prisma.sql`unnest(${[namespace]}::text[])`);
}

/** The same of all namespaces that a tenant has: for work whose memories are not known beforehand. */
export function holdAllNamespaces(transaction: Transaction, scope: TenantScope): Promise<void> {
  return holdNamespaces(
    transaction,
    scope,
    Prisma.sql`(SELECT s.namespace FROM lexical_stats s
      WHERE s.tenant_id = ${scope.tenantId}::uuid)`,
  );
}

/** Waits for every write to the namespace that has begun, and lets none begin until the commit. */
export async function lockNamespace(
  transaction: Transaction,
  scope: TenantScope,
  namespace: string,
): Promise<void> {
  await transaction.execute`
    SELECT pg_advisory_xact_lock(hashtext(${scope.tenantId}::text),
      ${lockNumber(Prisma.sql`${namespace}::text`)})`;
}

/**
 * Waits for every write that has begun, of all tenants, and lets none begin until the commit: for
 * changes of which embedding models are in use. Gives up well before the writers behind it do.
 */
export async function lockModels(transaction: Prisma.TransactionClient): Promise<void> {
  const longest = String(LONGEST_WAIT_MS / 2);
  await transaction.$queryRaw`SELECT set_config('lock_timeout', ${longest}, true)`;
  await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${MODELS_LOCK})`;
}

const lockNumber = (namespace: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`(hashtext(${namespace}) & ${LOCKS - 1}::int)`;
