import { markdownTable } from '../markdown-table.ts';
import { cpuSeconds, residentMb } from '../service-metrics.ts';
import { startService } from '../service-process.ts';
import { SomaClient } from '../soma-client.ts';
import { CONSOLIDATE_USAGE, parseConsolidateArguments } from './arguments.ts';
import type { ConsolidateBenchArguments } from './arguments.ts';
import { describeBesideLoad, measureBesideLoad } from './beside-load.ts';
import { episode } from './episodes.ts';
import { storeAll, storeEpisodes } from './store-episodes.ts';

const WATCH_MS = 200;

interface Consolidated {
  readonly created: number;
  readonly removed: number;
  readonly done: boolean;
}

interface Measured {
  readonly seconds: number;
  /** Of the API process: what a busy machine does not change. */
  readonly cpuSeconds: number;
  readonly created: number;
  readonly removed: number;
  readonly rssBefore: number;
  readonly rssPeak: number;
}

/** Until nothing is waiting; one request works for some seconds only. */
async function consolidate(client: SomaClient): Promise<Measured> {
  const rssBefore = await residentMb(client.url);
  let rssPeak = rssBefore;
  const watch = setInterval(() => {
    // A look that comes too late for its service says nothing.
    void residentMb(client.url).then(
      (now) => (rssPeak = Math.max(rssPeak, now)),
      () => {},
    );
  }, WATCH_MS);
  const cpuBefore = await cpuSeconds(client.url);
  const began = performance.now();
  let [created, removed, done] = [0, 0, false];
  while (!done) {
    const body = { namespace: 'tree', window_seconds: 86_400 };
    const answer = await client.post<Consolidated>('/hierarchy/consolidate', body);
    created += answer.created;
    removed += answer.removed;
    done = answer.done;
    process.stderr.write(`\r${created} nodes`);
  }
  process.stderr.write('\n');
  clearInterval(watch);
  const seconds = (performance.now() - began) / 1000;
  const cpu = (await cpuSeconds(client.url)) - cpuBefore;
  return { seconds, cpuSeconds: cpu, created, removed, rssBefore, rssPeak };
}

async function main(): Promise<void> {
  const given = parseConsolidateArguments(process.argv.slice(2));
  if (!given.besideLoad) return measureSizes(given);
  const { stack, json, backlog, perSecond, seconds, rounds } = given;
  const rows = await measureBesideLoad({ stack, backlog, perSecond, seconds, rounds });
  process.stdout.write(`${json ? JSON.stringify({ stack, rows }) : describeBesideLoad(rows)}\n`);
}

/** Stores up to each size, consolidates all of it, then some more at the end and in the middle. */
async function measureSizes({
  sizes,
  more,
  stack,
  json,
}: ConsolidateBenchArguments): Promise<void> {
  const settings = { SOMA_CONSOLIDATE_INTERVAL_S: '0' };
  const service = await startService({ stack, settings });
  const client = new SomaClient(service.url, service.token);
  let stored = 0;
  const storeUpTo = async (size: number): Promise<void> => {
    await storeEpisodes(client, stored, size);
    stored = size;
  };
  try {
    const rows = [];
    for (const size of sizes) {
      await storeUpTo(size);
      rows.push({ what: `${size} episodes`, ...(await consolidate(client)) });
      await storeUpTo(size + more);
      rows.push({ what: `${more} more at the end`, ...(await consolidate(client)) });
      const middle = Array.from({ length: more }, (_, at) => ({
        ...episode(Math.floor(size / 2) + at),
        content: `Ann remembered number ${at} later.`,
      }));
      await storeAll(client, middle);
      rows.push({ what: `${more} more in the middle`, ...(await consolidate(client)) });
    }
    if (json) process.stdout.write(`${JSON.stringify({ stack, rows })}\n`);
    else {
      const titles = [
        '',
        's',
        'CPU, s',
        'nodes made',
        'taken away',
        'RSS before, MB',
        'RSS peak, MB',
      ];
      const cells = rows.map((row) => [
        row.what,
        row.seconds.toFixed(2),
        row.cpuSeconds.toFixed(2),
        String(row.created),
        String(row.removed),
        String(row.rssBefore),
        String(row.rssPeak),
      ]);
      process.stdout.write(`${markdownTable(titles, cells)}\n`);
    }
  } finally {
    client.close();
    await service.stop();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.stderr.write(`${CONSOLIDATE_USAGE}\n`);
  process.exitCode = 1;
});
