import { types } from 'node:util';
import { SomaError } from '@soma/core';

const DEADLOCK = '40P01';
const LOCK_TIMEOUT = '55P03';
const DISK_FULL = '53100';

/** Prisma's and PostgreSQL's codes, and Node's, for a database that cannot be used now. */
const UNAVAILABLE = new Set([
  'P1001',
  'P1002',
  'P1008',
  'P1017',
  'P2024',
  'P2028',
  'P2037',
  // The connection was lost.
  '08000',
  '08001',
  '08003',
  '08004',
  '08006',
  // A standby, or a primary that has become one.
  '25006',
  // No disk, no memory, no connection left.
  '53000',
  DISK_FULL,
  '53200',
  '53300',
  '57014',
  // Shutting down, crashed, starting up, in recovery.
  '57P01',
  '57P02',
  '57P03',
  // The server's disk failed.
  '58000',
  '58030',
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);
/** What the pool says in words only. */
const UNAVAILABLE_WORDS =
  /connection terminated|timeout exceeded|query read timeout|not queryable|server has closed the connection/i;

/** `full`: a statement found no room on the server's disk. */
export type DatabaseFailure = 'away' | 'full';

export function isDeadlock(error: unknown): boolean {
  return codeOf(error) === DEADLOCK;
}

export function isLockTimeout(error: unknown): boolean {
  return codeOf(error) === LOCK_TIMEOUT;
}

/**
 * `onFailure` is told of each time.
 * @throws SomaError DEPENDENCY_UNAVAILABLE in place of the ways in which a database is away.
 */
export async function translateFailure<Result>(
  run: () => Promise<Result>,
  onFailure: (reason: DatabaseFailure) => void = () => {},
): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    if (isDiskFull(error)) {
      onFailure('full');
      throw new SomaError(
        'DEPENDENCY_UNAVAILABLE',
        'The database has no room left on its disk; try again later.',
        { cause: error, retryAfterSeconds: 5 },
      );
    }
    onFailure('away');
    throw new SomaError('DEPENDENCY_UNAVAILABLE', 'The database is not answering; try again.', {
      cause: error,
      retryAfterSeconds: 1,
    });
  }
}

function isUnavailable(error: unknown): boolean {
  if (error instanceof SomaError || !types.isNativeError(error)) return false;
  if (error.name === 'PrismaClientInitializationError') return true;
  if (UNAVAILABLE.has(codeOf(error) ?? '') || UNAVAILABLE_WORDS.test(error.message)) return true;
  return UNAVAILABLE.has(codeBehindPrismas(error) ?? '');
}

function isDiskFull(error: unknown): boolean {
  if (codeOf(error) === DISK_FULL) return true;
  return error instanceof Error && codeBehindPrismas(error) === DISK_FULL;
}

/** Prisma has a few codes of its own and keeps PostgreSQL's deep inside. */
function codeBehindPrismas(error: Error): string | undefined {
  let at: unknown = error;
  for (const name of ['meta', 'driverAdapterError', 'cause', 'originalCode']) {
    at = typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined;
  }
  return typeof at === 'string' ? at : undefined;
}

function codeOf(error: unknown): string | undefined {
  return types.isNativeError(error) && 'code' in error ? String(error.code) : undefined;
}
