import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { ReconcileSchedule } from './reconcile-schedule.js';

const REPORT = { started_at: '', finished_at: '', dry_run: false, tenants: [] };

class Runs {
  count = 0;
  readonly rests: number[] = [];
  constructor(private readonly work: (signal: AbortSignal) => Promise<void>) {}
  async reconcile(signal: AbortSignal, restMs: number) {
    this.count += 1;
    this.rests.push(restMs);
    await this.work(signal);
    return REPORT;
  }
}

describe(ReconcileSchedule.name, () => {
  beforeAll(() => Logger.overrideLogger(false));

  it('runs at start and at its interval, until shutdown', async () => {
    const runs = new Runs(async () => {});
    const sut = new ReconcileSchedule(runs, 20);
    sut.onApplicationBootstrap();
    expect(runs.count).toBe(1);
    while (runs.count < 3) await sleep(5);
    await sut.onApplicationShutdown();
    const { count } = runs;
    await sleep(60);
    expect(runs.count).toBe(count);
  });

  it('lets another process have its whole interval, except at start', async () => {
    const runs = new Runs(async () => {});
    const sut = new ReconcileSchedule(runs, 100_000);
    sut.onApplicationBootstrap();
    await sut.onApplicationShutdown();
    const often = new ReconcileSchedule(runs, 20);
    often.onApplicationBootstrap();
    while (runs.count < 3) await sleep(5);
    await often.onApplicationShutdown();
    expect(runs.rests.slice(0, 3)).toEqual([60_000, 19, 19]);
  });

  it('never runs with an interval of 0', async () => {
    const runs = new Runs(async () => {});
    const sut = new ReconcileSchedule(runs, 0);
    sut.onApplicationBootstrap();
    await sleep(20);
    await sut.onApplicationShutdown();
    expect(runs.count).toBe(0);
  });

  it('goes on after a run that failed', async () => {
    const runs = new Runs(() => Promise.reject(new Error('the index is away')));
    const sut = new ReconcileSchedule(runs, 10);
    sut.onApplicationBootstrap();
    while (runs.count < 2) await sleep(5);
    await sut.onApplicationShutdown();
    expect(runs.count).toBeGreaterThanOrEqual(2);
  });

  it('ends the run under way at shutdown, and waits for it', async () => {
    let ended = false;
    const runs = new Runs(async (signal) => {
      await once(signal, 'abort');
      await sleep(20);
      ended = true;
      signal.throwIfAborted();
    });
    const sut = new ReconcileSchedule(runs, 10);
    sut.onApplicationBootstrap();
    await sut.onApplicationShutdown();
    expect(ended).toBe(true);
  });
});
