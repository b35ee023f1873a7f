import { BackgroundWork } from '@soma/core';
import { Metrics } from '@soma/observability';
import { observeBackground } from './observe-background.js';

describe(observeBackground, () => {
  const metrics = new Metrics();
  const stop = observeBackground(metrics);
  const counts = async (): Promise<string[]> =>
    (await metrics.registry.metrics())
      .split('\n')
      .filter((line) => line.startsWith('soma_background_duration_seconds_count{'))
      .map((line) => line.slice(line.indexOf('{')));

  it('P15 shows work before its first run, and counts its runs and those that failed', async () => {
    const work = new BackgroundWork('tea');
    work.start();
    expect(await counts()).toEqual([
      '{work="tea",result="done"} 0',
      '{work="tea",result="failed"} 0',
    ]);
    await work.run(() => Promise.resolve());
    await work.run(() => Promise.resolve(work.failed()));
    await work.run(() => Promise.resolve(work.failed()));
    expect(await counts()).toEqual([
      '{work="tea",result="done"} 1',
      '{work="tea",result="failed"} 2',
    ]);
  });

  it('P15 counts nothing once it is told to stop', async () => {
    stop();
    await new BackgroundWork('tea').run(() => Promise.resolve());
    expect(await counts()).toContain('{work="tea",result="done"} 1');
  });
});
