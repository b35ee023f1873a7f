import { setTimeout as sleep } from 'node:timers/promises';
import { markdownTable } from '../markdown-table.ts';
import { percentilesOf } from '../percentiles.ts';
import type { Percentiles } from '../percentiles.ts';
import { startService } from '../service-process.ts';
import type { Stack } from '../service-environment.ts';
import { SomaClient } from '../soma-client.ts';
import { episode } from './episodes.ts';
import { storeEpisodes } from './store-episodes.ts';

/** What consolidates while the writes go on. */
const BESIDE = ['nothing', 'background', 'on demand'] as const;
type Beside = (typeof BESIDE)[number];

/** Before it is measured: connections, caches, and the first look of the background. */
const WARMING_MS = 3_000;
const LAG = /^soma_nodejs_eventloop_lag_max_seconds (\S+)$/m;

export interface BesideLoadOptions {
  readonly stack: Stack;
  /** Episodes that wait to be consolidated when the writes begin. */
  readonly backlog: number;
  /** Writes; fewer than the machine can do, or they wait for one another. */
  readonly perSecond: number;
  readonly seconds: number;
  readonly rounds: number;
}

export interface BesideRow extends Percentiles {
  readonly beside: Beside;
  /** The p99 by that of the same writes with nothing beside. */
  readonly ratio: number;
  /** Longest that the event loop of the API was held, in milliseconds. */
  readonly held: number;
  /** Episodes that still waited at the end. */
  readonly waiting: number;
}

interface Samples {
  readonly latencies: number[];
  held: number;
  waiting: number;
}

/** Writes at a steady rate, with a backlog being consolidated beside them, and with none. */
export async function measureBesideLoad(options: BesideLoadOptions): Promise<BesideRow[]> {
  const samples = new Map<Beside, Samples>(
    BESIDE.map((beside) => [beside, { latencies: [], held: 0, waiting: Infinity }]),
  );
  for (let round = 0; round < options.rounds; round += 1) {
    // Each first once, so that a machine that grows busier favours none.
    for (let at = 0; at < BESIDE.length; at += 1) {
      const beside = BESIDE[(at + round) % BESIDE.length] ?? 'nothing';
      process.stderr.write(`round ${round + 1}: ${beside}\n`);
      const of = samples.get(beside);
      const measured = await measureOne(beside, options);
      of?.latencies.push(...measured.latencies);
      if (of) of.held = Math.max(of.held, measured.held);
      if (of) of.waiting = Math.min(of.waiting, measured.waiting);
    }
  }
  const alone = percentilesOf(samples.get('nothing')?.latencies ?? []);
  return [...samples].map(([beside, { latencies, held, waiting }]) => {
    const percentiles = percentilesOf(latencies);
    return { beside, ...percentiles, ratio: percentiles.p99 / alone.p99, held, waiting };
  });
}

async function measureOne(
  beside: Beside,
  { stack, backlog, perSecond, seconds }: BesideLoadOptions,
): Promise<Samples> {
  const settings = {
    SOMA_CONSOLIDATE_INTERVAL_S: beside === 'background' ? '1' : '0',
    SOMA_CONSOLIDATE_AFTER_CHANGES: '1',
  };
  const service = await startService({ stack, settings });
  const client = new SomaClient(service.url, service.token, 64);
  const stopping = new AbortController();
  try {
    await storeEpisodes(client, 0, backlog);
    const asking = beside === 'on demand' ? consolidateUntil(client, stopping.signal) : undefined;
    await writes(client, { perSecond, seconds: WARMING_MS / 1_000 });
    await heldMs(service.url);
    const latencies = await writes(client, { perSecond, seconds });
    const held = await heldMs(service.url);
    stopping.abort();
    await asking;
    return { latencies, held, waiting: await waitingOf(client) };
  } finally {
    stopping.abort();
    client.close();
    await service.stop();
  }
}

let written = 0;

/** One every so often, whether the one before is done or not. */
async function writes(
  client: SomaClient,
  { perSecond, seconds }: Pick<BesideLoadOptions, 'perSecond' | 'seconds'>,
): Promise<number[]> {
  const latencies: number[] = [];
  const begun = performance.now();
  const pending: Promise<void>[] = [];
  for (let at = 0; at < seconds * perSecond; at += 1) {
    await sleep(Math.max(0, begun + (at * 1_000) / perSecond - performance.now()));
    const due = performance.now();
    written += 1;
    const memory = { ...episode(written), namespace: 'load' };
    pending.push(
      client.post('/memories', memory).then(() => void latencies.push(performance.now() - due)),
    );
  }
  await Promise.all(pending);
  return latencies;
}

interface Asked {
  readonly done: boolean;
  readonly namespaces: readonly { readonly namespace: string; readonly waiting: number }[];
}

async function consolidateUntil(client: SomaClient, signal: AbortSignal): Promise<void> {
  let done = false;
  while (!signal.aborted && !done) {
    const body = { namespace: 'tree', window_seconds: 86_400 };
    ({ done } = await client.post<Asked>('/hierarchy/consolidate', body));
  }
}

/** Asked with a window too short to do anything. */
async function waitingOf(client: SomaClient): Promise<number> {
  await sleep(1_100);
  const body = { namespace: 'tree', window_seconds: 1 };
  const { namespaces } = await client.post<Asked>('/hierarchy/consolidate', body);
  return namespaces[0]?.waiting ?? 0;
}

/** Since it was last asked. */
async function heldMs(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Math.round(Number(LAG.exec(text)?.[1] ?? NaN) * 1_000);
}

export function describeBesideLoad(rows: readonly BesideRow[]): string {
  const titles = [
    'beside the writes',
    'p50, ms',
    'p95',
    'p99',
    'p99 by that of nothing',
    'loop held, ms',
    'still waiting',
  ];
  const cells = rows.map(({ beside, p50, p95, p99, ratio, held, waiting }) => [
    beside,
    p50.toFixed(1),
    p95.toFixed(1),
    p99.toFixed(1),
    ratio.toFixed(2),
    String(held),
    String(waiting),
  ]);
  return markdownTable(titles, cells);
}
