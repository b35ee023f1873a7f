import { noteLookup } from '@soma/core';
import { Metrics } from '@soma/observability';
import { observeCaches } from './observe-caches.js';

describe(observeCaches, () => {
  const metrics = new Metrics();
  const stop = observeCaches(metrics);
  afterAll(stop);

  const counts = async (): Promise<string[]> =>
    (await metrics.registry.metrics())
      .split('\n')
      .filter((line) => line.startsWith('soma_cache_lookups_total{cache="tokens"'))
      .map((line) => line.slice(line.indexOf('result=')));

  it('P15 shows a cache before its first lookup, and counts what it knew', async () => {
    expect(await counts()).toEqual(['result="hit"} 0', 'result="miss"} 0']);
    noteLookup('tokens', 1, 0);
    noteLookup('tokens', 3, 2);
    expect(await counts()).toEqual(['result="hit"} 4', 'result="miss"} 2']);
  });

  it('P15 counts nothing once it is told to stop', async () => {
    stop();
    noteLookup('tokens', 1, 1);
    expect(await counts()).toEqual(['result="hit"} 4', 'result="miss"} 2']);
  });
});
