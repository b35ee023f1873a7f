import { randomUUID } from 'node:crypto';
import { Clock, tenantId } from '@soma/core';
import {
  generateToken,
  type StoredToken,
  type Token,
  TokenRepository,
  TokenVerifier,
} from '@soma/tenancy';
import { type Client, type Service, startService } from './service.js';
import { differ, median } from './welch.js';

/** A difference that is there shows in every try; chance shows in few (0.01 to the power of this). */
const TRIES = 5;
/** Of so many tries each: what is not there does not show in all of them, and what is, in some. */
const ROUNDS = 3;
const VERIFICATIONS = 10_000;
const REQUESTS = 200;
/** Digits of the secret that are right; the rest is so long that chance makes none of it right. */
const ALIKE = 50;

const OWNER = tenantId('019aa5a0-0000-7000-8000-000000000001');

const NO_RATES = { perSecond: null, perDay: null };

class OneToken extends TokenRepository {
  constructor(private readonly token: StoredToken) {
    super();
  }
  findById(id: string): Promise<StoredToken | undefined> {
    return Promise.resolve(id === this.token.id ? this.token : undefined);
  }
  touch(): Promise<void> {
    return Promise.resolve();
  }
  create(): Promise<Token> {
    return Promise.reject(new Error('not used here'));
  }
  list(): Promise<Token[]> {
    return Promise.resolve([]);
  }
  find(): Promise<Token | undefined> {
    return Promise.resolve(undefined);
  }
  rotate(): Promise<Token | undefined> {
    return Promise.resolve(undefined);
  }
  revoke(): Promise<boolean> {
    return Promise.resolve(false);
  }
}

class WallClock extends Clock {
  now(): Date {
    return new Date();
  }
}

/** Turn by turn, so that whatever else the machine does meets both. */
async function timesOf(
  count: number,
  works: readonly [(n: number) => Promise<unknown>, (n: number) => Promise<unknown>],
): Promise<[number[], number[]]> {
  const times: [number[], number[]] = [[], []];
  for (let n = 0; n < count; n += 1) {
    const order = n % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
    for (const which of order) {
      const begun = process.hrtime.bigint();
      await works[which](n);
      times[which].push(Number(process.hrtime.bigint() - begun));
    }
  }
  return times;
}

/** What tells them apart makes the same one slower in every try, and by more than a hundredth. */
async function differsInEveryTry(measure: () => Promise<[number[], number[]]>): Promise<boolean> {
  const signs = new Set<number>();
  for (let tried = 0; tried < TRIES; tried += 1) {
    const [left, right] = await measure();
    const apart = median(left) / median(right) - 1;
    if (!differ(left, right) || Math.abs(apart) < 0.01) return false;
    signs.add(Math.sign(apart));
  }
  return signs.size === 1;
}

const digits = (prefix: string): string => {
  const more = randomUUID().replaceAll('-', '') + randomUUID().replaceAll('-', '');
  return (prefix + more).slice(0, 64);
};

/** In one piece: a text put together is so only when first read, which would be timed with it. */
const flat = (text: string): string => Buffer.from(text).toString();

describe('the time a refusal takes', () => {
  describe('of a token', () => {
    const token = generateToken();
    const secret = token.text.split('_')[2] ?? '';
    const prefix = secret.slice(0, ALIKE);
    const forged = (start: string): string => flat(`soma_${token.id}_${digits(start)}`);
    // Wrong from the first letter on, but no less alike among themselves: a processor foresees what
    // repeats, right or wrong. Made in pairs, so that both lie alike in memory.
    const wrong = digits('').slice(0, ALIKE);
    const pairs = Array.from(
      { length: VERIFICATIONS },
      () => [forged(prefix), forged(wrong)] as const,
    );
    const [near, far] = [pairs.map(([text]) => text), pairs.map(([, text]) => text)];

    it(`does not tell ${VERIFICATIONS} nearly right secrets from wrong ones`, async () => {
      const stored = {
        id: token.id,
        tenantId: OWNER,
        secretHash: token.hash,
        scopes: ['memories:read'] as const,
        expiresAt: undefined,
        revokedAt: undefined,
        previous: undefined,
        namespaces: undefined,
        suspended: false,
        trust: 1,
        quarantine: false,
        rates: { token: NO_RATES, tenant: NO_RATES },
      };
      const sut = new TokenVerifier(new OneToken(stored), { hash: undefined }, new WallClock());
      expect(await sut.verify(token.text)).toBeDefined();
      const refuse = (texts: readonly string[]) => async (n: number) => {
        if ((await sut.verify(texts[n] ?? '')) !== undefined) throw new Error('was let in');
      };
      const measure = () => timesOf(VERIFICATIONS, [refuse(near), refuse(far)]);
      let differs = true;
      for (let round = 0; round < ROUNDS && differs; round += 1) {
        differs = await differsInEveryTry(measure);
      }
      expect(differs).toBe(false);
    });

    it('would be seen to differ, did a comparison stop at the first wrong letter', async () => {
      const stopping = (texts: readonly string[]) => (n: number) => {
        const text = texts[n] ?? '';
        let at = 0;
        while (at < text.length && text.charCodeAt(at) === token.text.charCodeAt(at)) at += 1;
        return Promise.resolve(at === text.length);
      };
      const measure = () => timesOf(VERIFICATIONS, [stopping(near), stopping(far)]);
      let differs = false;
      for (let round = 0; round < ROUNDS && !differs; round += 1) {
        differs = await differsInEveryTry(measure);
      }
      expect(differs).toBe(true);
    });
  });

  describe('of a memory', () => {
    let service: Service;
    let ours: Client;
    const foreign: string[] = [];

    beforeAll(async () => {
      service = await startService();
      ours = await service.tenant();
      const theirs = await service.tenant();
      const memories = Array.from({ length: REQUESTS }, (_, n) => ({ content: `theirs ${n}` }));
      const { results } = await theirs.storeAll(memories);
      foreign.push(...results.flatMap(({ memory }) => (memory ? [memory.id] : [])));
      await ours.storeAll(memories);
      await ours.settledStats();
    });
    afterAll(() => service.close());

    /** An id of today that nobody has. */
    const missing = (n: number): string =>
      `${foreign[n]?.slice(0, 24) ?? ''}${randomUUID().slice(24)}`;

    it.each<[string, (client: Client, id: string) => Promise<{ status: number }>]>([
      ['a read', (client, id) => client.get(`/memories/${id}`)],
      ['a change', (client, id) => client.patch(`/memories/${id}`, { pinned: true })],
      ['a deletion', (client, id) => client.delete(`/memories/${id}`)],
      ['neighbours', (client, id) => client.get(`/graph/neighbors?id=${id}`)],
    ])("does not tell another tenant's from one that is missing: %s", async (_, ask) => {
      const refuse = (idOf: (n: number) => string) => async (n: number) => {
        expect((await ask(ours, idOf(n))).status).toBe(404);
      };
      // What tells them apart makes the same one slower in every try.
      const shares: number[] = [];
      const apart = (): number =>
        Math.max(Math.min(...shares), Math.min(...shares.map((share) => -share)));
      for (let tried = 0; tried < 2 * TRIES && (tried === 0 || apart() > 0.1); tried += 1) {
        const [f, m] = await timesOf(REQUESTS, [refuse((n) => foreign[n] ?? ''), refuse(missing)]);
        shares.push((median(f) - median(m)) / Math.max(median(f), median(m)));
      }
      expect(apart()).toBeLessThan(0.1);
    });
  });
});
