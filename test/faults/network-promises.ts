import type { RequestLog } from './harness/request-log.ts';
import { STORE_FAILURES } from './harness/service.ts';

export const DEPENDENCIES = ['milvus', 'redis', 'postgres', 'embedder'] as const;
export type Dependency = (typeof DEPENDENCIES)[number];

/** The metric that counts a fault of each, and how its label begins. */
export const ALARMS: Readonly<Record<Dependency, readonly [metric: string, label: string]>> = {
  milvus: ['soma_breaker_trips_total', 'dependency="index'],
  redis: ['soma_breaker_trips_total', 'dependency="redis'],
  postgres: [STORE_FAILURES, ''],
  embedder: ['soma_breaker_trips_total', 'dependency="embed'],
};

/** Milliseconds. */
const STORE_P99 = 500;
const LONGEST = 2_000;
const REFUSED_WITHIN = 1_000;

interface Seen {
  /** Of the time of the fault. */
  readonly log: RequestLog;
  /** By how much its metric moved. */
  readonly alarms: number;
  /** Ends of api or worker by themselves. */
  readonly crashes: number;
  /** Nothing was broken: there is no fault to be counted. */
  readonly isBaseline?: boolean;
}

/** What does not hold, each in a sentence. */
export interface Promises {
  readonly broken: readonly string[];
  /** Of how long something may take: the machine may break these once, without the service. */
  readonly late: readonly string[];
}

/** What is promised while a dependency is sick, and was not seen to hold. */
export function promisesOf(
  dependency: Dependency,
  { log, alarms, crashes, isBaseline }: Seen,
): Promises {
  const broken = log
    .undocumented()
    .map((answer) => `no 5xx but 503 with Retry-After was to be answered; ${answer}`);
  if (crashes > 0) broken.push(`api and worker were to live on; they ended ${crashes} times`);
  if (alarms === 0 && isBaseline !== true) {
    broken.push(`${ALARMS[dependency].join(' ')} was to count the fault; it did not move`);
  }
  const seen = dependency === 'postgres' ? withoutPostgres(log) : withoutOther(dependency, log);
  return { broken: [...broken, ...seen.broken], late: seen.late };
}

function withoutPostgres(log: RequestLog): Promises {
  const { longestMs, errors } = log.summary();
  const [broken, late]: [string[], string[]] = [[], []];
  if (!errors['503']) broken.push('503 was to be answered without PostgreSQL; none was');
  if (longestMs > REFUSED_WITHIN) {
    late.push(
      `503 was to be answered within ${REFUSED_WITHIN} ms without PostgreSQL; the longest was ` +
        log.slowest(),
    );
  }
  return { broken, late };
}

function withoutOther(dependency: Dependency, log: RequestLog): Promises {
  const { longestMs, storeP99Ms } = log.summary();
  const [broken, late]: [string[], string[]] = [[], []];
  // While an embedder falls silent, the first requests wait for it: one budget, of a second.
  if (dependency !== 'embedder' && storeP99Ms > STORE_P99) {
    late.push(
      `the p99 of POST /memories was to stay below ${STORE_P99} ms; it was ${Math.round(storeP99Ms)} ms`,
    );
  }
  if (longestMs > LONGEST) {
    late.push(`no request was to take longer than ${LONGEST} ms; one did: ${log.slowest()}`);
  }
  const pending = log
    .answers(201)
    .filter(({ body }) => (body as { embedding?: string }).embedding === 'pending').length;
  if (dependency === 'embedder' && pending === 0) {
    broken.push('memories were to be stored with embedding pending; none was');
  }
  if (dependency !== 'embedder' && pending > 0) {
    // A request that the machine holds up gets no vector in time.
    late.push(`no memory was to wait for its vector; ${pending} did`);
  }
  return { broken, late };
}
