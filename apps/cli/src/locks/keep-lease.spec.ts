import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-codes.js';
import { keepLease } from './keep-lease.js';

// Claims about time: the machine may stall, so each may be shown in one of three tries, and every failure is printed.
import.meta.jest.retryTimes(2, { logErrorsBeforeRetry: true });

const TTL_MS = 300;
const error = (code: string): CliError =>
  new CliError({ exitCode: EXIT.INVALID, code, detail: code });

describe(keepLease, () => {
  let stop: AbortController;
  let renewals: number;

  beforeEach(() => {
    stop = new AbortController();
    renewals = 0;
  });

  /** Keeps a lease, and stops after `stopMs`; `answer` is asked for each renewal, by number. */
  const keep = (stopMs: number, answer: (renewal: number) => Promise<void>): Promise<boolean> => {
    setTimeout(() => stop.abort(), stopMs);
    const renew = () => answer((renewals += 1));
    return keepLease({ renew, ttlMs: TTL_MS, askedAt: performance.now() }, stop.signal);
  };

  it('renews at a third of the lease until it is stopped', async () => {
    expect(await keep(TTL_MS * 3, () => Promise.resolve())).toBe(false);
    expect(renewals).toBeGreaterThanOrEqual(4);
    expect(renewals).toBeLessThanOrEqual(9);
  });

  it('gives up at once when another holds the lock', async () => {
    const start = performance.now();
    expect(await keep(5_000, () => Promise.reject(error('LOCK_NOT_HELD')))).toBe(true);
    expect(renewals).toBe(1);
    expect(performance.now() - start).toBeLessThan(TTL_MS);
  });

  it('outlives a service that is away for a moment', async () => {
    const answer = (renewal: number) =>
      renewal < 3 ? Promise.reject(error('CONNECTION_FAILED')) : Promise.resolve();
    expect(await keep(TTL_MS * 3, answer)).toBe(false);
    expect(renewals).toBeGreaterThan(3);
  });

  it.each([
    ['is away', () => Promise.reject(error('CONNECTION_FAILED'))],
    ['does not answer', () => new Promise<void>(() => undefined)],
  ])('counts on nothing past the end when the service %s', async (_, answer) => {
    const start = performance.now();
    expect(await keep(5_000, answer)).toBe(true);
    expect(performance.now() - start).toBeGreaterThan(TTL_MS - 20);
    expect(performance.now() - start).toBeLessThan(TTL_MS * 3);
  });
});
