import { concurrently } from '../concurrently.ts';
import { percentilesOf } from '../percentiles.ts';
import type { Percentiles } from '../percentiles.ts';
import { Progress } from '../progress.ts';
import { OPERATIONS, nextCall } from './operation.ts';
import type { Operation, Side } from './operation.ts';
import type { Workload } from './workload.ts';

export interface Timing extends Percentiles {
  /** Calls answered per second of the blocks' wall time. */
  per_second: number;
}

/** One operation at one number of clients; `bare` has an entry per engine that can do it. */
export interface OperationResult {
  operation: Operation;
  clients: number;
  service: Timing;
  /** `ratio` is the service's p50 divided by the engine's. */
  bare: { engine: string; timing: Timing; ratio: number }[];
}

export interface MeasureOptions {
  workload: Workload;
  /** Items loaded on every side. */
  n: number;
  q: number;
  rounds: number;
  clients: readonly number[];
}

interface Tally {
  side: Side;
  latencies: number[];
  elapsedMs: number;
}

const WARM_UP_CALLS = 8;

/**
 * Times every operation on the service and on the bare engines. Blocks of `q` calls alternate
 * between the sides, in turned order every other round, so that a noisy machine is noisy for both;
 * the first calls of each block row only warm up.
 */
export async function measureOperations(
  service: Side,
  bare: readonly Side[],
  { workload, n, q, rounds, clients }: MeasureOptions,
): Promise<OperationResult[]> {
  const progress = new Progress('timing', OPERATIONS.length * clients.length * rounds);
  const results: OperationResult[] = [];
  for (const operation of OPERATIONS) {
    const engines = bare.filter((side) => side.operations.includes(operation));
    for (const many of clients) {
      const tallies = [service, ...engines].map((side) => ({ side, latencies: [], elapsedMs: 0 }));
      const block = (tally: Tally, calls: number): Promise<void> =>
        timeBlock(
          tally,
          Array.from({ length: calls }, () => nextCall(operation, workload, n)),
          many,
        );
      for (const { side } of tallies) {
        await block({ side, latencies: [], elapsedMs: 0 }, Math.max(WARM_UP_CALLS, many));
      }
      for (let round = 0; round < rounds; round++) {
        for (const tally of round % 2 === 0 ? tallies : tallies.toReversed()) await block(tally, q);
        progress.advance();
      }
      results.push(resultOf(operation, many, tallies));
    }
  }
  return results;
}

async function timeBlock(
  tally: Tally,
  calls: readonly Parameters<Side['run']>[0][],
  clients: number,
): Promise<void> {
  const blockBegun = performance.now();
  await concurrently(calls, clients, async (call) => {
    const begun = performance.now();
    await tally.side.run(call);
    tally.latencies.push(performance.now() - begun);
  });
  tally.elapsedMs += performance.now() - blockBegun;
}

function resultOf(operation: Operation, clients: number, tallies: Tally[]): OperationResult {
  const [service, ...engines] = tallies.map(({ side, latencies, elapsedMs }) => ({
    engine: side.name,
    timing: {
      ...percentilesOf(latencies),
      per_second: Math.round((latencies.length / elapsedMs) * 1000),
    },
  }));
  if (service === undefined) throw new Error('no side was timed');
  return {
    operation,
    clients,
    service: service.timing,
    bare: engines.map(({ engine, timing }) => ({
      engine,
      timing,
      ratio: Math.round((service.timing.p50 / timing.p50) * 100) / 100,
    })),
  };
}
