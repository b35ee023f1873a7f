import type { StoredAnswer } from './ledger.ts';
import { uniqueText } from './marked-text.ts';
import type { Tenant } from './service.ts';

const HALF_HOUR_MS = 30 * 60_000;
const DAY_MS = 24 * 60 * 60_000;
const LEASE_MS = 300_000;
const LOCK = 'a-clock-is-set';
const KEY = { 'idempotency-key': 'before-the-clock-was-set' };

interface Lease {
  readonly token: string;
  readonly fencing_token: number;
}

/** What lives by the clock of the database: expiry, leases, and idempotency keys for a day. */
export interface LongLived {
  /** What is not as documented after PostgreSQL's clock went `offsetS` away, each in a sentence. */
  faults(offsetS: number): Promise<string[]>;
}

export async function beginLongLived({ sender }: Tenant): Promise<LongLived> {
  const store = (expiresInMs: number): Promise<StoredAnswer> =>
    sender.ask('POST', '/memories', {
      body: {
        content: uniqueText().content,
        expires_at: new Date(Date.now() + expiresInMs).toISOString(),
      },
    });
  const body = { content: uniqueText().content };
  const storeKeyed = (): Promise<StoredAnswer> =>
    sender.ask('POST', '/memories', { body, headers: KEY });
  const takeLock = () => sender.send('POST', '/locks', { body: { name: LOCK, ttl_ms: LEASE_MS } });

  const [expiring, lasting, keyed] = [
    await store(HALF_HOUR_MS),
    await store(DAY_MS),
    await storeKeyed(),
  ];
  const lease = (await takeLock()).body as Lease;

  const statusOf = async ({ id }: StoredAnswer): Promise<number> =>
    (await sender.send('GET', `/memories/${id}`)).status;

  return {
    faults: async (offsetS) => {
      const isLater = offsetS * 1000 > HALF_HOUR_MS;
      const broken: string[] = [];
      const expect = (isKept: boolean, promised: string, seen: unknown): void => {
        if (!isKept) broken.push(`${promised}; seen was ${JSON.stringify(seen)}`);
      };
      const [expired, kept] = [await statusOf(expiring), await statusOf(lasting)];
      expect(
        expired === (isLater ? 404 : 200),
        `a memory that expires in half an hour was to be ${isLater ? 'gone' : 'there'}`,
        expired,
      );
      expect(kept === 200, 'a memory that expires in a day was to be there', kept);
      const again = await storeKeyed();
      expect(
        again.id === keyed.id && again.version === keyed.version,
        'a request sent again under its key was to get its first answer',
        again,
      );
      const taken = await takeLock();
      expect(
        taken.status === (isLater ? 201 : 409),
        `a lease of five minutes was to be ${isLater ? 'over' : 'held'}`,
        taken.status,
      );
      const fence = (taken.body as Partial<Lease>).fencing_token ?? Number.POSITIVE_INFINITY;
      expect(fence > lease.fencing_token, 'fencing tokens were to grow', fence);
      const released = await sender.send('DELETE', `/locks/${LOCK}`, {
        body: { token: lease.token },
      });
      expect(
        released.status < 300 === !isLater,
        `the first lease was ${isLater ? 'not ' : ''}to be given back by its holder`,
        released.status,
      );
      return broken;
    },
  };
}
