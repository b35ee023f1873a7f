import { timedCall } from '@soma/core';
import { Metrics } from '@soma/observability';
import { observeDependencies } from './observe-dependencies.js';

const SEARCH = { dependency: 'milvus', operation: 'search' } as const;

describe(observeDependencies, () => {
  let metrics: Metrics;
  let stop: () => void;

  beforeEach(() => {
    metrics = new Metrics();
    stop = observeDependencies(metrics);
  });
  afterEach(() => stop());

  const counts = async (): Promise<string[]> =>
    (await metrics.registry.metrics())
      .split('\n')
      .filter((line) => line.startsWith('soma_dependency_duration_seconds_count{'))
      .map((line) => line.slice(line.indexOf('outcome=')));

  it('P15 counts calls by their outcome, and shows the other outcomes before they come', async () => {
    await timedCall(SEARCH, () => Promise.resolve());
    expect(await counts()).toEqual([
      'outcome="ok"} 1',
      'outcome="failed"} 0',
      'outcome="not-asked"} 0',
    ]);
    await expect(timedCall(SEARCH, () => Promise.reject(new Error('gone')))).rejects.toThrow(
      'gone',
    );
    expect(await counts()).toContain('outcome="failed"} 1');
  });

  it('P15 counts nothing once it is told to stop', async () => {
    stop();
    await timedCall(SEARCH, () => Promise.resolve());
    expect(await counts()).toEqual([]);
  });
});
