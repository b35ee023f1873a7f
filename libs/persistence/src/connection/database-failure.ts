import { SomaError } from '@soma/core';

const DEADLOCK = '40P01';
const LOCK_TIMEOUT = '55P03';

/** Prisma's and PostgreSQL's codes, and Node's, for a database that cannot be used now. */
const UNAVAILABLE = new Set([
  'P1001',
  'P1002',
  'P1008',
  'P1017',
  'P2024',
  'P2028',
  'P2037',
  '53300',
  '57014',
  '57P01',
  '57P02',
  '57P03',
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
]);
/** What the pool says in words only. */
const UNAVAILABLE_WORDS =
  /connection terminated|timeout exceeded|query read timeout|not queryable/i;

export function isDeadlock(error: unknown): boolean {
  return codeOf(error) === DEADLOCK;
}

export function isLockTimeout(error: unknown): boolean {
  return codeOf(error) === LOCK_TIMEOUT;
}

/** @throws SomaError DEPENDENCY_UNAVAILABLE in place of the ways in which a database is away. */
export async function translateFailure<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    throw new SomaError('DEPENDENCY_UNAVAILABLE', 'The database is not answering; try again.', {
      cause: error,
      retryAfterSeconds: 1,
    });
  }
}

function isUnavailable(error: unknown): boolean {
  if (error instanceof SomaError || !(error instanceof Error)) return false;
  if (error.name === 'PrismaClientInitializationError') return true;
  return UNAVAILABLE.has(codeOf(error) ?? '') || UNAVAILABLE_WORDS.test(error.message);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
