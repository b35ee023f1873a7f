import { parseArgs } from 'node:util';
import type { BulkAnswer } from '../contract.ts';
import { markdownTable } from '../markdown-table.ts';
import { percentilesOf } from '../percentiles.ts';
import { Progress } from '../progress.ts';
import type { Stack } from '../service-environment.ts';
import { startService } from '../service-process.ts';
import { SomaClient } from '../soma-client.ts';
import { untilIndexed } from '../until-indexed.ts';
import { filteredMemory, hostileFilter } from './hostile-filters.ts';

const FILTERS = 100;
const BATCH = 100;
const LAG = /^soma_nodejs_eventloop_lag_max_seconds (\S+)$/m;

const { values: given } = parseArgs({
  options: {
    n: { type: 'string', default: '1000' },
    stack: { type: 'string', default: 'embedded' },
    json: { type: 'boolean', default: false },
  },
});

/** One client: searches with a hundred filters as large as they may be. */
async function main(): Promise<void> {
  const n = Number(given.n);
  const service = await startService({ stack: given.stack as Stack });
  const client = new SomaClient(service.url, service.token);
  const lagMs = async (): Promise<number> =>
    1_000 * Number(LAG.exec(await (await fetch(`${service.url}/metrics`)).text())?.[1] ?? NaN);
  try {
    const storing = new Progress('storing', n);
    for (let stored = 0; stored < n; stored += BATCH) {
      const memories = Array.from({ length: BATCH }, (_, at) => filteredMemory(stored + at));
      const { failed } = await client.post<BulkAnswer>('/memories/bulk', { memories });
      if (failed > 0) throw new Error(`${failed} memories were refused`);
      storing.advance(BATCH);
    }
    await untilIndexed(client);
    const rows = [];
    for (const [name, filterOf] of [
      ['no filter', () => undefined],
      ['hostile filters', hostileFilter],
    ] as const) {
      const ms: number[] = [];
      let longestLag = 0;
      await lagMs();
      for (let asked = 0; asked < FILTERS; asked += 1) {
        const body = { query: 'what was seen', namespace: 'filtered', filter: filterOf(asked) };
        const began = performance.now();
        await client.post('/memories/search', body);
        ms.push(performance.now() - began);
        longestLag = Math.max(longestLag, await lagMs());
      }
      rows.push({ name, ...percentilesOf(ms), longestLag });
    }
    const table = markdownTable(
      ['ms', 'p50', 'p95', 'p99', 'longest lag of the event loop'],
      rows.map(({ name, p50, p95, p99, longestLag }) => [
        name,
        ...[p50, p95, p99, longestLag].map((value) => value.toFixed(1)),
      ]),
    );
    process.stdout.write(`${given.json ? JSON.stringify({ n, rows }) : table}\n`);
  } finally {
    client.close();
    await service.stop();
  }
}

await main();
