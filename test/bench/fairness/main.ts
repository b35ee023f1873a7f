import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { percentilesOf } from '../percentiles.ts';
import { startService } from '../service-process.ts';
import type { Stack } from '../service-environment.ts';
import { SomaClient } from '../soma-client.ts';

/** Memories each tenant holds before anything is measured. */
const MEMORIES = 500;
const NOISY_CLIENTS = 32;

interface Round {
  readonly quiet: number[];
  readonly noisyPerSecond: number;
}

/**
 * Two tenants of one API process. The quiet one asks at a steady pace, whatever becomes of its
 * earlier requests; the noisy one, in every other round, as fast as 32 connections can. Rounds of
 * either kind take turns, so that a slow minute of the machine is in both.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      stack: { type: 'string', default: 'embedded' },
      seconds: { type: 'string', default: '10' },
      rounds: { type: 'string', default: '3' },
      pace: { type: 'string', default: '10' },
      places: { type: 'string', default: '' },
      json: { type: 'boolean', default: false },
    },
  });
  const [seconds, rounds, pace] = [values.seconds, values.rounds, values.pace].map(Number) as [
    number,
    number,
    number,
  ];
  const service = await startService({
    stack: values.stack as Stack,
    settings: { SOMA_CONCURRENT_REQUESTS: values.places },
  });
  const quiet = new SomaClient(service.url, service.token, 64);
  const noisy = new SomaClient(service.url, await service.newTenant(), NOISY_CLIENTS);
  try {
    for (const client of [quiet, noisy]) await load(client);
    await measure(quiet, undefined, 2, pace);
    const alone: Round[] = [];
    const beside: Round[] = [];
    for (let round = 0; round < rounds; round++) {
      alone.push(await measure(quiet, undefined, seconds, pace));
      beside.push(await measure(quiet, noisy, seconds, pace));
    }
    const of = (kind: readonly Round[]) => percentilesOf(kind.flatMap((round) => round.quiet));
    const ratio = of(beside).p99 / of(alone).p99;
    const report = {
      stack: values.stack,
      places: values.places === '' ? 'default' : Number(values.places),
      alone_ms: of(alone),
      beside_ms: of(beside),
      p99_ratio: ratio,
      p50_ratio: of(beside).p50 / of(alone).p50,
      noisy_per_second: beside.reduce((sum, r) => sum + r.noisyPerSecond, 0) / rounds,
    };
    process.stdout.write(`${JSON.stringify(report, null, values.json ? 0 : 2)}\n`);
  } finally {
    quiet.close();
    noisy.close();
    await service.stop();
  }
}

const item = (n: number) => ({
  content: `Note ${n}: the tea of day ${n % 97} was drunk by the river ${n % 13}.`,
});

async function load(client: SomaClient): Promise<void> {
  for (let n = 0; n < MEMORIES; n += 250) {
    const memories = Array.from({ length: 250 }, (_, k) => item(n + k));
    await client.post('/memories/bulk', { memories });
  }
}

/** One in five is a store. */
const ask = (client: SomaClient, n: number): Promise<unknown> =>
  n % 5 === 0
    ? client.post('/memories', item(10_000 + n))
    : client.post('/memories/search', { query: `tea of day ${n % 97} by the river`, top_k: 5 });

async function measure(
  quiet: SomaClient,
  noisy: SomaClient | undefined,
  seconds: number,
  pace: number,
): Promise<Round> {
  const over = new AbortController();
  let asked = 0;
  const keepAsking = async (client: SomaClient): Promise<void> => {
    while (!over.signal.aborted) await ask(client, asked++);
  };
  const load = noisy ? Array.from({ length: NOISY_CLIENTS }, () => keepAsking(noisy)) : [];
  if (noisy) await sleep(1_000);
  const [before, began] = [asked, performance.now()];
  const taken: Promise<number>[] = [];
  for (let n = 0; n < seconds * pace; n++) {
    await sleep(Math.max(0, began + (n * 1000) / pace - performance.now()));
    const start = performance.now();
    taken.push(ask(quiet, n).then(() => performance.now() - start));
  }
  const latencies = await Promise.all(taken);
  const noisyPerSecond = ((asked - before) * 1000) / (performance.now() - began);
  over.abort();
  await Promise.all(load);
  return { quiet: latencies, noisyPerSecond };
}

await main();
