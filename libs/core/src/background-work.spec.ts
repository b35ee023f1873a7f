import { BackgroundLoop } from './background-loop.js';
import { type BackgroundRun, BackgroundWork, watchBackground } from './background-work.js';

describe(BackgroundWork.name, () => {
  const started: string[] = [];
  const runs: BackgroundRun[] = [];
  let stopWatching: () => void;

  beforeEach(() => {
    started.length = 0;
    runs.length = 0;
    stopWatching = watchBackground({
      onStart: (name) => started.push(name),
      onRun: (run) => runs.push(run),
    });
  });
  afterEach(() => stopWatching());

  it('tells of each run how long it took and whether it failed', async () => {
    const sut = new BackgroundWork('tea');
    await sut.run(() => new Promise((resolve) => setTimeout(resolve, 20)));
    await sut.run(() => Promise.resolve(sut.failed()));
    await expect(sut.run(() => Promise.reject(new Error('no water')))).rejects.toThrow('no water');
    expect(await sut.run(() => Promise.resolve('tea'))).toBe('tea');
    expect(runs.map(({ name, failed }) => [name, failed])).toEqual([
      ['tea', false],
      ['tea', true],
      ['tea', true],
      ['tea', false],
    ]);
    expect(runs[0]?.seconds).toBeGreaterThan(0.01);
    expect(runs[0]?.seconds).toBeLessThan(20);
  });

  it('is known before its first run, and no more once nobody watches', async () => {
    const sut = new BackgroundWork('tea');
    sut.start();
    expect([started, runs]).toEqual([['tea'], []]);
    stopWatching();
    sut.start();
    await sut.run(() => Promise.resolve());
    expect([started, runs]).toEqual([['tea'], []]);
  });

  it('is what a loop steps through', async () => {
    const sut = new BackgroundLoop('loop', 60_000);
    let steps = 0;
    await new Promise<void>((resolve) => {
      sut.start(() => {
        if (++steps === 2) sut.failed();
        if (steps === 3) resolve();
        return Promise.resolve(steps < 3);
      });
    });
    await sut.stop();
    expect(started).toEqual(['loop']);
    expect(runs.map(({ failed }) => failed)).toEqual([false, true, false]);
  });
});
