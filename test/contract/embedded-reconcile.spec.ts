import { setTimeout as sleep } from 'node:timers/promises';
import type { Consistency, ReconcileReport } from '@soma/indexing';
import { ok } from '../e2e/http.js';
import { OPERATOR_TOKEN, type Service, startService } from '../e2e/service.js';

describe('the comparison of the index with the embedded database', () => {
  let service: Service;

  const operator = <Body>(method: string, path: string, body?: object) =>
    ok(service.request<Body>(method, path, { token: OPERATOR_TOKEN, body }));
  const lastRun = async () => (await operator<Consistency>('GET', '/admin/consistency')).last_run;

  /** The first run that saw this many tenants. */
  const runOf = async (tenants: number): Promise<ReconcileReport> => {
    const deadline = performance.now() + 60_000;
    for (;;) {
      const run = await lastRun();
      if (run?.tenants.length === tenants) return run;
      if (performance.now() > deadline) {
        throw new Error(`No run saw ${tenants} tenants; the last was ${JSON.stringify(run)}.`);
      }
      await sleep(20);
    }
  };

  afterEach(() => service.close());

  it('P22 is made at start, and again and again', async () => {
    service = await startService({ SOMA_RECONCILE_INTERVAL_S: '1' });
    const first = await runOf(0);
    const { tenantId } = await service.tenant();
    const later = await runOf(1);
    expect(later.tenants).toMatchObject([{ tenant_id: tenantId, indexed: 0, repaired: 0 }]);
    expect(later.started_at > first.finished_at).toBe(true);
  });

  it('P15 is followed by a look at how much of what is near the index finds', async () => {
    service = await startService({ SOMA_RECONCILE_INTERVAL_S: '1' });
    const ours = await service.tenant();
    for (const drink of ['tea', 'coffee', 'milk', 'water']) {
      await ours.store({ content: `Ada drinks ${drink}` });
    }
    let recall = (await lastRun())?.recall;
    while (recall?.queries !== 2) recall = (await lastRun())?.recall;
    expect(recall).toMatchObject({ ratio: 1, queries: 2 });
    const all = await operator<ReconcileReport>('POST', '/admin/reconcile', {});
    expect(all).not.toHaveProperty('recall');
    expect((await lastRun())?.recall?.ratio).toBe(1);
    const { body } = await service.request<string>('GET', '/metrics');
    expect(body).toMatch(/^soma_recall_canary_ratio 1$/m);
    expect(body).toMatch(/^soma_recall_canary_queries [1-9]/m);
    const [, seconds] = /^soma_recall_canary_timestamp_seconds (\S+)$/m.exec(body) ?? [];
    expect(Math.abs(Date.now() / 1_000 - Number(seconds))).toBeLessThan(60);
  });

  it('P22 is made only when asked for with an interval of 0, and kept if it was of all', async () => {
    service = await startService({ SOMA_RECONCILE_INTERVAL_S: '0' });
    const [ours] = [await service.tenant(), await service.tenant()];
    await ours.store({ content: 'tea' });
    await ours.settledStats();
    expect(await lastRun()).toBeNull();
    const all = await operator<ReconcileReport>('POST', '/admin/reconcile', {});
    expect(all.tenants.map(({ indexed }) => indexed).toSorted()).toEqual([0, 1]);
    expect(await lastRun()).toEqual(all);
    await operator('POST', '/admin/reconcile', { tenant: ours.tenantId });
    expect(await lastRun()).toEqual(all);
  });
});
