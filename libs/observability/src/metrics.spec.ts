import { Metrics } from './metrics.js';

describe(Metrics, () => {
  const metrics = new Metrics();
  const lines = async (name: string): Promise<string[]> =>
    (await metrics.registry.metrics())
      .split('\n')
      .filter((line) => line.startsWith(name))
      .map((line) => line.slice(name.length));

  it.each([
    ['soma_store_failures_total', ['{reason="away"} 0', '{reason="full"} 0']],
    ['soma_auth_refused_total', ['{reason="missing"} 0', '{reason="invalid"} 0']],
    ['soma_forgotten_total', ['{how="archived"} 0', '{how="fields"} 0', '{how="purged"} 0']],
    ['soma_audit_lost_total', [' 0']],
  ])('P15 shows %s before it counts, so that its first count is a rise', async (name, series) => {
    expect(await lines(name)).toEqual(series);
  });

  it('P15 leaves out a gauge that cannot be read, and shows it again when it can', async () => {
    let read = (): Promise<number> => Promise.resolve(7);
    metrics.observe('soma_test_waiting', 'Of a test.', () => read());
    expect(await lines('soma_test_waiting')).toEqual([' 7']);
    read = () => Promise.reject(new Error('The database is away.'));
    expect(await lines('soma_test_waiting')).toEqual([]);
    read = () => Promise.resolve(0);
    expect(await lines('soma_test_waiting')).toEqual([' 0']);
  });
});
