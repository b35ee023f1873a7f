import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { type BackgroundRun, SystemClock, watchBackground } from '@soma/core';
import { HashEmbedder } from '@soma/embedding';
import { InMemoryConsistencyStore } from '../testing/in-memory-consistency-store.fixture.js';
import type { ReconcileReport } from './consistency.schema.js';
import type { GateFigures, GateOptions } from './recall-gate.js';
import { RecallCanary } from './recall-canary.js';

const embedder = new HashEmbedder(128);
const COUNTS = { waiting: 0, indexed: 1, missing: 0, orphans: 0, repaired: 0 };

const reportOf = (expected: readonly number[]): ReconcileReport => ({
  started_at: '',
  finished_at: '',
  dry_run: false,
  tenants: expected.map((count) => ({ tenant_id: randomUUID(), expected: count, ...COUNTS })),
});

describe(RecallCanary, () => {
  let store: InMemoryConsistencyStore;
  let report: ReconcileReport;
  let asked: { model: string; options: GateOptions }[];
  let answer: (options: GateOptions) => Promise<GateFigures>;
  let sut: RecallCanary;

  beforeAll(() => Logger.overrideLogger(false));
  beforeEach(() => {
    store = new InMemoryConsistencyStore(embedder.model);
    report = reportOf([3, 0, 2]);
    asked = [];
    answer = () => Promise.resolve({ recall: 0.97, queries: 40 });
    const runs = { reconcile: () => store.keepReport(report).then(() => report) };
    const gate = {
      measure: (model: string, options: GateOptions) => {
        asked.push({ model, options });
        return answer(options);
      },
    };
    sut = new RecallCanary(runs, gate, store, embedder, new SystemClock());
  });

  it('P15 keeps what it found beside the report, and when', async () => {
    const before = Date.now();
    expect(await sut.reconcile()).toBe(report);
    const { recall } = (await store.lastReport()) ?? {};
    expect(recall).toMatchObject({ ratio: 0.97, queries: 40 });
    expect(Date.parse(recall?.measured_at ?? '')).toBeGreaterThanOrEqual(before);
    await store.keepReport(report);
    expect((await store.lastReport())?.recall).toEqual(recall);
  });

  it('P15 asks of the model in use, and of those tenants that have anything in the index', async () => {
    await sut.reconcile();
    const tenants = [...(asked[0]?.options.tenants ?? [])].map(({ tenantId }) => tenantId);
    const [first, , third] = report.tenants.map(({ tenant_id: id }) => id);
    expect(asked[0]?.model).toBe(embedder.model);
    expect(tenants.toSorted()).toEqual([first, third].toSorted());
  });

  it('P15 asks of twenty tenants at most, of 20,000 vectors at most', async () => {
    report = reportOf(Array<number>(200).fill(1));
    await sut.reconcile();
    const { tenants = [], mostVectors } = asked[0]?.options ?? {};
    expect([[...tenants].length, mostVectors]).toEqual([20, 20_000]);
  });

  it('P15 fails by itself: the comparison before it stands, and so does what was found before', async () => {
    await sut.reconcile();
    const runs: BackgroundRun[] = [];
    const stop = watchBackground({ onStart: () => {}, onRun: (run) => runs.push(run) });
    answer = () => Promise.reject(new Error('the index is away'));
    expect(await sut.reconcile()).toBe(report);
    stop();
    expect(runs).toMatchObject([{ name: 'measure-recall', failed: true }]);
    expect((await store.lastReport())?.recall).toMatchObject({ ratio: 0.97 });
  });

  it('P15 ends at shutdown, with nothing kept', async () => {
    const stopping = new AbortController();
    answer = async ({ keep }) => {
      stopping.abort();
      await keep();
      return { recall: 0, queries: 40 };
    };
    expect(await sut.reconcile({ signal: stopping.signal })).toBe(report);
    expect((await store.lastReport())?.recall).toBeUndefined();
  });
});
