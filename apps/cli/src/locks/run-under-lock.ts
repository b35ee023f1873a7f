import type { ApiClient } from '../api-client.js';
import { CliError } from '../cli-error.js';
import type { CliSession } from '../cli-session.js';
import { EXIT } from '../exit-codes.js';
import { ChildCommand } from './child-command.js';
import { keepLease } from './keep-lease.js';
import { acquireLock, type LeaseWish, releaseLock, renewLock } from './lease.js';

/**
 * Runs a command while this process holds the lock.
 * @returns the exit code of the command.
 * @throws CliError LOCK_LOST when the lease was lost; the command has been ended by then.
 */
export async function runUnderLock(
  session: CliSession,
  api: ApiClient,
  wish: LeaseWish,
  argv: readonly string[],
): Promise<number> {
  const { name, ttlMs } = wish;
  let askedAt = performance.now();
  const { body: lease } = await acquireLock(api, wish);
  const stop = new AbortController();
  const renew = () => renewLock(api, name, lease.token, ttlMs);
  try {
    if (wish.waitMs > 0) {
      // Nobody here knows when in the wait the lease began.
      askedAt = performance.now();
      await renew();
    }
    const env = {
      ...session.io.env,
      SOMA_LOCK_NAME: name,
      SOMA_LOCK_TOKEN: lease.token,
      SOMA_LOCK_FENCING_TOKEN: String(lease.fencing_token),
    };
    const command = new ChildCommand(argv, env, session.io.cwd);
    const lost = keepLease({ renew, ttlMs, askedAt }, stop.signal);
    const first = await Promise.race([command.ended, lost]);
    if (typeof first === 'number') return first;
    await command.stop();
    throw lockLost(name);
  } finally {
    stop.abort();
    await releaseLock(api, name, lease.token).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      session.warn(`the lock was not released: ${why}`);
    });
  }
}

function lockLost(name: string): CliError {
  return new CliError({
    exitCode: EXIT.INVALID,
    code: 'LOCK_LOST',
    detail: `The lock "${name}" was lost while the command ran, so the command was ended.`,
    hint: 'Give a longer --ttl, and let what the command writes to compare fencing tokens.',
  });
}
