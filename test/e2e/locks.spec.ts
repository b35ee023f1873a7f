import { setTimeout as sleep } from 'node:timers/promises';
import type { Lease, LockState } from '@soma/locks';
import { ok, problem, type Problem, untilServed } from './http.js';
import { type Client, type Service, startService } from './service.js';

const INVALID = problem('VALIDATION_FAILED');
const NOT_HELD = problem('LOCK_NOT_HELD');
const FREE = { held: false, owner: null, expires_at: null };
const RACERS = 200;

describe('locks', () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;
  let names = 0;
  let name: string;

  beforeAll(async () => {
    service = await startService();
    ours = await service.tenant();
    theirs = await service.tenant();
  });
  beforeEach(() => {
    name = `digest of ä/${(names += 1)}?`;
  });
  afterAll(() => service.close());

  const path = (): string => `/locks/${encodeURIComponent(name)}`;
  const ask = (more: object = {}, client = ours) =>
    client.post<Lease>('/locks', { name, ttl_ms: 30_000, ...more });
  const acquire = (more: object = {}, client = ours): Promise<Lease> => ok(ask(more, client), 201);
  const read = (client = ours): Promise<LockState> => ok(client.get<LockState>(path()));
  const release = (token: string, client = ours) => client.delete<LockState>(path(), { token });

  it('P20 are acquired, seen, renewed and released', async () => {
    const before = Date.now();
    const lease = await acquire({ owner: 'Ada' });
    const after = Date.now();
    expect(lease).toEqual({
      name,
      token: expect.stringMatching(/^lease_[\w-]{43}$/),
      owner: 'Ada',
      fencing_token: 1,
      expires_at: expect.any(String),
    });
    // The clock that counts may be another machine's.
    expect(Date.parse(lease.expires_at)).toBeGreaterThan(before + 30_000 - 2_000);
    expect(Date.parse(lease.expires_at)).toBeLessThan(after + 30_000 + 2_000);
    const { token, ...shown } = lease;
    expect(await read()).toEqual({ ...shown, held: true });
    const renewal = { token, ttl_ms: 300_000 };
    const renewed = await ok(ours.post<LockState>(`${path()}/renew`, renewal));
    expect(renewed).toEqual({ ...shown, held: true, expires_at: expect.any(String) });
    expect(Date.parse(renewed.expires_at ?? '')).toBeGreaterThan(Date.parse(lease.expires_at));
    expect(await ok(release(token))).toEqual({ name, fencing_token: 1, ...FREE });
    expect(await release(token)).toMatchObject(NOT_HELD);
    expect((await acquire()).fencing_token).toBe(2);
  });

  it('P20 are refused while held, with who, until when and when to come back', async () => {
    const { expires_at } = await acquire({ owner: 'Ada', ttl_ms: 300_000 });
    const refusal = await ours.post<Problem>('/locks', { name, ttl_ms: 1_000 });
    expect(refusal).toMatchObject(problem('LOCK_HELD'));
    expect(refusal.body.detail).toContain(`"Ada" until ${expires_at}`);
    const seconds = Number(refusal.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(200);
    expect(seconds).toBeLessThanOrEqual(300);
  });

  it(`P20 are granted to one of ${RACERS} at once`, async () => {
    const answers = await Promise.all(
      Array.from({ length: RACERS }, () => untilServed(() => ask())),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array.from({ length: RACERS - 1 }, () => 409)]);
  });

  it('P20 are free when their holder is dead, and the dead one is told', async () => {
    const dead = await acquire({ ttl_ms: 100 });
    const next = await acquire({ wait_ms: 10_000 });
    expect(next.fencing_token).toBe(dead.fencing_token + 1);
    const renewal = { token: dead.token, ttl_ms: 1_000 };
    expect(await ours.post(`${path()}/renew`, renewal)).toMatchObject(NOT_HELD);
    expect(await release(dead.token)).toMatchObject(NOT_HELD);
    expect(await read()).toMatchObject({ held: true, fencing_token: next.fencing_token });
  });

  it('can be waited for, no longer than asked', async () => {
    const { token } = await acquire();
    const start = performance.now();
    expect(await ask({ wait_ms: 300 })).toMatchObject(problem('LOCK_HELD'));
    expect(performance.now() - start).toBeGreaterThan(250);
    const waiting = acquire({ wait_ms: 10_000 });
    await sleep(100);
    await ok(release(token));
    expect((await waiting).fencing_token).toBe(2);
  });

  it('are not granted to one who hung up', async () => {
    const { token } = await acquire();
    const hangUp = new AbortController();
    const request: Promise<unknown> = fetch(`${service.url}/locks`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ours.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name, ttl_ms: 30_000, wait_ms: 10_000 }),
      signal: hangUp.signal,
    }).catch((error: unknown) => String(error));
    // Nothing tells when it waits, nor when it is seen to be gone.
    await sleep(1_500);
    hangUp.abort();
    expect(await request).toMatch(/abort/i);
    await sleep(1_500);
    await ok(release(token));
    await sleep(300);
    expect(await read()).toMatchObject({ held: false, fencing_token: 1 });
  });

  it('take the token from a header too, and one token only', async () => {
    const { token } = await acquire();
    const header = (value: string) => ({ 'x-lock-token': value });
    expect(await ours.delete(path())).toMatchObject(INVALID);
    expect(await ours.delete(path(), {})).toMatchObject(INVALID);
    expect(await ours.delete(path(), { token }, header('other'))).toMatchObject(INVALID);
    expect(await ours.delete(path(), undefined, header('other'))).toMatchObject(NOT_HELD);
    expect(await ok(ours.delete(path(), undefined, header(token)))).toMatchObject(FREE);
  });

  it('P20 of one name are one in each tenant', async () => {
    const foreign = await acquire({}, theirs);
    expect(await ours.get(path())).toMatchObject(problem('LOCK_NOT_FOUND'));
    const own = await acquire();
    expect(own.fencing_token).toBe(1);
    expect(await release(foreign.token)).toMatchObject(NOT_HELD);
    expect(await release(own.token, theirs)).toMatchObject(NOT_HELD);
    await ok(release(own.token));
    expect(await read(theirs)).toMatchObject({ held: true, fencing_token: 1 });
  });

  it('answer alike under one idempotency key', async () => {
    const body = { name, ttl_ms: 30_000 };
    const key = (value: string) => ({ 'idempotency-key': `${names} ${value}`.replace(' ', '-') });
    const lease = await ok(ours.post<Lease>('/locks', body, key('a')), 201);
    expect(await ok(ours.post('/locks', body, key('a')), 201)).toEqual(lease);
    expect(await ours.post('/locks', { ...body, ttl_ms: 100 }, key('a'))).toMatchObject(
      problem('IDEMPOTENCY_KEY_REUSED'),
    );
    const header = { 'x-lock-token': lease.token, ...key('c') };
    const released = await ok(ours.delete(path(), undefined, header));
    expect(await ok(ours.delete(path(), undefined, header))).toEqual(released);
    expect(
      await ours.delete(path(), undefined, { ...header, 'x-lock-token': 'other' }),
    ).toMatchObject(problem('IDEMPOTENCY_KEY_REUSED'));
  });

  it('refuse what is no name, time, wait, owner or token', async () => {
    for (const body of [
      {},
      { name },
      { ttl_ms: 1_000 },
      ...['', '.', '..', 'x'.repeat(201), 'a\u0000', '\ud800', 7].map((bad) => ({
        name: bad,
        ttl_ms: 1_000,
      })),
      ...[99, 300_001, 1_000.5, '1000', null].map((bad) => ({ name, ttl_ms: bad })),
      ...[-1, 10_001, 0.5].map((bad) => ({ name, ttl_ms: 1_000, wait_ms: bad })),
      ...['', 'x'.repeat(201), 7].map((bad) => ({ name, ttl_ms: 1_000, owner: bad })),
      { name, ttl_ms: 1_000, tenant_id: theirs.tenantId },
    ]) {
      const { status } = await ours.post('/locks', body);
      expect({ body, status }).toEqual({ body, status: 400 });
    }
    const { token } = await acquire();
    for (const body of [{}, { token }, { ttl_ms: 1_000 }, { token, ttl_ms: 99 }]) {
      expect(await ours.post(`${path()}/renew`, body)).toMatchObject(INVALID);
    }
    expect(await read()).toMatchObject({ held: true, fencing_token: 1 });
  });
});
