import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ReconcileInTurns, type ReconcileReport, type ReconcileTurns } from '@soma/indexing';
import { type Database, PostgresReconcileTurns } from '@soma/persistence';

/** Longer than a busy machine takes to connect and ask eight times at once. */
const LEASE_MS = 3_000;
const TERMS = { leaseMs: LEASE_MS, restMs: 0 };
const REPORT: ReconcileReport = { started_at: '', finished_at: '', dry_run: false, tenants: [] };

export function reconcileTurnsContract(open: () => Promise<Database>): void {
  describe('turns to compare the index', () => {
    let database: Database;
    let sut: ReconcileTurns;
    let first: string;
    let second: string;

    beforeAll(async () => {
      database = await open();
      sut = new PostgresReconcileTurns(database);
    });
    afterAll(() => database.close());
    beforeEach(() => {
      [first, second] = [randomUUID(), randomUUID()];
    });
    afterEach(async () => {
      for (const holder of [first, second]) await sut.end(holder, false);
    });

    it('gives one of many the turn', async () => {
      const holders = Array.from({ length: 8 }, () => randomUUID());
      const taken = await Promise.all(holders.map((holder) => sut.take(holder, TERMS)));
      expect(taken.filter(Boolean)).toHaveLength(1);
      for (const holder of holders) await sut.end(holder, false);
    });

    it('lets another take over when the holder has died, and refuses the late holder', async () => {
      expect(await sut.take(first, TERMS)).toBe(true);
      expect(await sut.take(second, TERMS)).toBe(false);
      await sleep(LEASE_MS + 100);
      expect(await sut.take(second, TERMS)).toBe(true);
      expect(await sut.renew(first, LEASE_MS)).toBe(false);
      await sut.end(first, true);
      expect(await sut.renew(second, LEASE_MS)).toBe(true);
    });

    it('lasts as long as it is renewed', async () => {
      await sut.take(first, TERMS);
      for (let times = 0; times < 4; times++) {
        await sleep(LEASE_MS / 3);
        expect(await sut.renew(first, LEASE_MS)).toBe(true);
      }
      expect(await sut.take(second, TERMS)).toBe(false);
    });

    it('rests after a turn that was finished, not after one given up', async () => {
      const resting = { leaseMs: LEASE_MS, restMs: 60_000 };
      await sut.take(first, TERMS);
      await sut.end(first, false);
      expect(await sut.take(first, TERMS)).toBe(true);
      await sut.end(first, true);
      expect(await sut.take(second, resting)).toBe(false);
      expect(await sut.take(second, TERMS)).toBe(true);
    });

    it('has one of several processes compare at a time', async () => {
      let [atOnce, most, runs] = [0, 0, 0];
      const comparing = {
        reconcile: async () => {
          runs += 1;
          atOnce += 1;
          most = Math.max(most, atOnce);
          await sleep(LEASE_MS * 2);
          atOnce -= 1;
          return REPORT;
        },
      };
      const processes = Array.from(
        { length: 5 },
        () => new ReconcileInTurns(comparing, sut, LEASE_MS),
      );
      const { signal } = new AbortController();
      const asked = processes.map((each) => each.reconcile(signal, 0));
      expect((await Promise.all(asked)).filter((report) => report !== undefined)).toHaveLength(1);
      expect([most, runs]).toEqual([1, 1]);
    });
  });
}
