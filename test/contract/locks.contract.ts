import { setTimeout as sleep } from 'node:timers/promises';
import { type IdempotencyClaim, SomaError, tenantId, TenantScope } from '@soma/core';
import { type AcquireLock, type Lease, LockService } from '@soma/locks';
import { type Database, PostgresLockRepository } from '@soma/persistence';
import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { statement } from './isolation.rows.js';
import { unitOfWorkOf } from './unit-of-work.js';

export interface LocksUnderTest {
  /** The same database each time. */
  open(): Promise<Database>;
  /** Of the test of a model; each is some ten statements. */
  readonly modelRuns: number;
}

const RACERS = 200;
const LONG_MS = 300_000;
/** Longer than a busy machine takes for two statements. */
const SHORT_MS = 3_000;

type Step =
  | { readonly kind: 'acquire' | 'expire' | 'read' }
  | { readonly kind: 'renew' | 'release'; readonly lease: number };

/** What a lock promises, whoever asks at once and whatever runs out. */
export function locksContract({ open, modelRuns }: LocksUnderTest): void {
  const ours = TenantScope.of(tenantId(uuidv7()));
  const theirs = TenantScope.of(tenantId(uuidv7()));
  let database: Database;
  let sut: LockService;
  let names = 0;

  const openAll = async (): Promise<void> => {
    database = await open();
    sut = aService();
  };
  const aService = (): LockService =>
    new LockService(new PostgresLockRepository(database), unitOfWorkOf(database));
  beforeAll(async () => {
    await openAll();
    for (const { tenantId: id } of [ours, theirs]) {
      await database.withSystem(({ tenant }) => tenant.create({ data: { id, name: id } }));
    }
  });
  afterAll(() => database.close());

  const aName = (): string => `lock ${(names += 1)}`;
  const acquire = (
    name: string,
    more: Partial<AcquireLock> = {},
    scope = ours,
    claim?: IdempotencyClaim,
  ): Promise<Lease> => sut.acquire(scope, { name, ttl_ms: LONG_MS, wait_ms: 0, ...more }, claim);
  const isFree = { held: false, owner: null, expires_at: null };
  const held = expect.objectContaining({ code: 'LOCK_HELD', status: 409 });
  const notHeld = expect.objectContaining({ code: 'LOCK_NOT_HELD', status: 409 });
  const notFound = expect.objectContaining({ code: 'LOCK_NOT_FOUND', status: 404 });
  /** Lets the lease of a lock run out without the wait. */
  const expire = (name: string) =>
    database.withTenant(ours, (transaction) =>
      transaction.execute(
        statement(`UPDATE locks SET expires_at = clock_timestamp() - interval '1 millisecond'
          WHERE name = '${name}' AND expires_at IS NOT NULL`),
      ),
    );

  it(`P20 grants one of ${RACERS} who ask at once`, async () => {
    const name = aName();
    const answers = await Promise.allSettled(Array.from({ length: RACERS }, () => acquire(name)));
    const granted = answers.flatMap((answer) =>
      answer.status === 'fulfilled' ? [answer.value] : [],
    );
    const refused = answers.flatMap((answer) =>
      answer.status === 'rejected' ? [answer.reason as unknown] : [],
    );
    expect(granted.map(({ fencing_token }) => fencing_token)).toEqual([1]);
    expect(refused).toEqual(Array.from({ length: RACERS - 1 }, () => held));
  });

  it(`P20 lets ${RACERS} who wait in one at a time, each with a higher fencing token`, async () => {
    const name = aName();
    const tokens: number[] = [];
    let inside = 0;
    let most = 0;
    // Each has a line of its own, as processes do.
    const services = Array.from({ length: 8 }, aService);
    const request = { name, ttl_ms: LONG_MS, wait_ms: 10_000 };
    const racer = async (_: unknown, number: number): Promise<void> => {
      const service = services[number % services.length] ?? sut;
      const lease = await patiently(() => service.acquire(ours, request));
      inside += 1;
      most = Math.max(most, inside);
      tokens.push(lease.fencing_token);
      await sleep(1);
      inside -= 1;
      await service.release(ours, name, lease.token);
    };
    await Promise.all(Array.from({ length: RACERS }, racer));
    expect(most).toBe(1);
    expect(tokens).toEqual(Array.from({ length: RACERS }, (_, number) => number + 1));
  });

  it('P20 behaves as a model of one holder and one counter', async () => {
    const lease = fc.nat({ max: 5 });
    const step: fc.Arbitrary<Step> = fc.oneof(
      { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('acquire', 'expire', 'read') }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('renew', 'release'), lease }) },
    );
    const run = async (steps: readonly Step[]): Promise<void> => {
      const name = aName();
      const leases: Lease[] = [];
      // The model: the number of leases ever granted, and which of them holds the lock.
      let holder: Lease | undefined;
      const state = () => ({ held: holder !== undefined, fencing_token: leases.length });
      const reads = async (): Promise<void> => {
        const read = sut.read(ours, name);
        if (leases.length === 0) await expect(read).rejects.toEqual(notFound);
        else expect(await read).toMatchObject(state());
      };
      for (const { kind, ...of } of steps) {
        const token = leases.at(-1 - ('lease' in of ? of.lease : 0))?.token ?? 'lease_of_nobody';
        if (kind === 'expire') {
          await expire(name);
          holder = undefined;
        } else if (kind === 'read') {
          await reads();
        } else if (kind === 'acquire') {
          if (holder) {
            await expect(acquire(name)).rejects.toEqual(held);
            continue;
          }
          holder = await acquire(name);
          leases.push(holder);
          expect(holder.fencing_token).toBe(leases.length);
        } else {
          const asked =
            kind === 'renew'
              ? sut.renew(ours, name, { token, ttl_ms: LONG_MS })
              : sut.release(ours, name, token);
          if (holder?.token !== token) {
            await expect(asked).rejects.toEqual(notHeld);
            continue;
          }
          if (kind === 'release') holder = undefined;
          expect(await asked).toMatchObject(state());
        }
      }
      await reads();
    };
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 16 }), run), {
      numRuns: modelRuns,
    });
  });

  it('P20 frees the lock of a holder that died, by the clock of the database', async () => {
    const name = aName();
    const dead = await acquire(name, { ttl_ms: SHORT_MS, owner: 'a worker' });
    await expect(acquire(name)).rejects.toThrow('"a worker"');
    const next = await acquire(name, { wait_ms: 10 * SHORT_MS });
    expect(next.fencing_token).toBe(dead.fencing_token + 1);
    await expect(sut.renew(ours, name, { token: dead.token, ttl_ms: 1_000 })).rejects.toEqual(
      notHeld,
    );
    await expect(sut.release(ours, name, dead.token)).rejects.toEqual(notHeld);
    expect(await sut.read(ours, name)).toMatchObject({ held: true, fencing_token: 2 });
  });

  it('P20 keeps a lock that is renewed past its first end', async () => {
    const name = aName();
    const { token, expires_at } = await acquire(name, { ttl_ms: SHORT_MS });
    const renewed = await sut.renew(ours, name, { token, ttl_ms: LONG_MS });
    await sleep(SHORT_MS + 100);
    expect(Date.parse(renewed.expires_at ?? '')).toBeGreaterThan(Date.parse(expires_at));
    await expect(acquire(name)).rejects.toEqual(held);
    expect(await sut.release(ours, name, token)).toEqual({ name, fencing_token: 1, ...isFree });
  });

  it('says when to come back, and who is in the way', async () => {
    const name = aName();
    await acquire(name, { ttl_ms: 30_000, owner: 'Ada' });
    const refusal: unknown = await acquire(name).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(SomaError);
    const { retryAfterSeconds = 0 } = refusal as SomaError;
    expect(retryAfterSeconds).toBeLessThanOrEqual(30);
    expect(retryAfterSeconds).toBeGreaterThan(15);
    const { expires_at } = await sut.read(ours, name);
    expect(String(refusal)).toContain(`"Ada" until ${expires_at}`);
  });

  it('P20 gives tenants locks of their own under one name', async () => {
    const name = aName();
    for (let lease = 0; lease < 3; lease += 1) {
      await sut.release(theirs, name, (await acquire(name, {}, theirs)).token);
    }
    const foreign = await acquire(name, { owner: 'theirs' }, theirs);
    await expect(sut.read(ours, name)).rejects.toEqual(notFound);
    const own = await acquire(name);
    expect([own.fencing_token, foreign.fencing_token]).toEqual([1, 4]);
    await expect(sut.release(ours, name, foreign.token)).rejects.toEqual(notHeld);
    await expect(sut.renew(ours, name, { token: foreign.token, ttl_ms: LONG_MS })).rejects.toEqual(
      notHeld,
    );
    expect(await sut.read(theirs, name)).toMatchObject({ held: true, owner: 'theirs' });
    await sut.release(theirs, name, foreign.token);
    expect(await sut.read(ours, name)).toMatchObject({ held: true, fencing_token: 1 });
  });

  it('gives the same lease under the same idempotency key, and keeps no refusal under one', async () => {
    const name = aName();
    const claim = (key: string): IdempotencyClaim => ({ key: `${name} ${key}`, requestHash: 'h' });
    const first = await acquire(name, {}, ours, claim('a'));
    expect(await acquire(name, {}, ours, claim('a'))).toEqual(first);
    await expect(acquire(name, {}, ours, claim('b'))).rejects.toEqual(held);
    await sut.release(ours, name, first.token);
    expect((await acquire(name, {}, ours, claim('b'))).fencing_token).toBe(2);
  });

  it('keeps no secret of a lease in its row', async () => {
    const name = aName();
    const { token } = await acquire(name);
    const rows = await database.withTenant(ours, (transaction) =>
      transaction.query<object[]>(statement(`SELECT * FROM locks WHERE name = '${name}'`)),
    );
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows, (_, value: unknown) => String(value))).not.toContain(token);
    expect(JSON.stringify(await sut.read(ours, name))).not.toContain(token);
  });

  it('stops to wait for one who is gone', async () => {
    const name = aName();
    const { token } = await acquire(name);
    const gone = new AbortController();
    const request = { name, ttl_ms: LONG_MS, wait_ms: 10_000 };
    const waiting = sut
      .acquire(ours, request, undefined, gone.signal)
      .catch((error: unknown) => error);
    await sleep(100);
    gone.abort();
    expect(await waiting).toEqual(held);
    await sut.release(ours, name, token);
    expect(await sut.read(ours, name)).toMatchObject({ held: false, fencing_token: 1 });
  });

  it('P20 holds locks, and counts on, after a restart', async () => {
    const [kept, free] = [aName(), aName()];
    const lease = await acquire(kept, { owner: 'Ada' });
    await sut.release(ours, free, (await acquire(free)).token);
    const before = await sut.read(ours, kept);
    await database.close();
    await openAll();
    expect(await sut.read(ours, kept)).toEqual(before);
    await expect(acquire(kept)).rejects.toEqual(held);
    await sut.renew(ours, kept, { token: lease.token, ttl_ms: LONG_MS });
    expect((await acquire(free)).fencing_token).toBe(2);
    await expire(kept);
    expect((await acquire(kept)).fencing_token).toBe(lease.fencing_token + 1);
  });
}

/** Once more for as long as the lock is held by another. */
async function patiently(ask: () => Promise<Lease>): Promise<Lease> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof SomaError) || error.code !== 'LOCK_HELD') throw error;
    }
  }
}
