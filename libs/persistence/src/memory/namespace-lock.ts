import type { TenantScope } from '@soma/core';
import type { Transaction } from '../connection/transaction.js';
import { Prisma } from '../generated/client.js';

/** Namespaces of a tenant share so many locks, so that a write to any number of them takes few. */
const LOCKS = 64;

/**
 * Keeps the language of namespaces as it is until the commit. Every write of memories calls this
 * before it touches one, and reads the language in a later statement: so a change of language sees
 * all that was written in the old one, and what comes after it is written in the new one. An
 * advisory lock, because a namespace may have no row yet, and so that a stream of writers
 * cannot keep a change waiting for ever.
 * @param namespaces a table of one column.
 */
export async function holdNamespaces(
  transaction: Transaction,
  scope: TenantScope,
  namespaces: Prisma.Sql,
): Promise<void> {
  await transaction.execute`
    SELECT pg_advisory_xact_lock_shared(hashtext(${scope.tenantId}::text), l.number)
    FROM (SELECT DISTINCT ${lockNumber(Prisma.sql`n.namespace`)} AS number
      FROM ${namespaces} AS n (namespace) ORDER BY 1) l`;
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

const lockNumber = (namespace: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`(hashtext(${namespace}) & ${LOCKS - 1}::int)`;
