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

/** What is promised while a dependency is sick and does not hold, each in a sentence. */
export function promisesOf(
  dependency: Dependency,
  { log, alarms, crashes, isBaseline }: Seen,
): string[] {
  const broken = log
    .undocumented()
    .map((answer) => `no 5xx but 503 with Retry-After was to be answered; ${answer}`);
  if (crashes > 0) broken.push(`api and worker were to live on; they ended ${crashes} times`);
  if (alarms === 0 && isBaseline !== true) {
    broken.push(`${ALARMS[dependency].join(' ')} was to count the fault; it did not move`);
  }
  if (dependency === 'postgres') return [...broken, ...withoutPostgres(log)];
  return [...broken, ...withoutOther(dependency, log)];
}

function withoutPostgres(log: RequestLog): string[] {
  const { longestMs, errors } = log.summary();
  const broken: string[] = [];
  if (!errors['503']) broken.push('503 was to be answered without PostgreSQL; none was');
  if (longestMs > REFUSED_WITHIN) {
    broken.push(
      `503 was to be answered within ${REFUSED_WITHIN} ms without PostgreSQL; the longest was ` +
        log.slowest(),
    );
  }
  return broken;
}

function withoutOther(dependency: Dependency, log: RequestLog): string[] {
  const { longestMs, storeP99Ms } = log.summary();
  const broken: string[] = [];
  // While an embedder falls silent, the first requests wait for it: one budget, of a second.
  if (dependency !== 'embedder' && storeP99Ms > STORE_P99) {
    broken.push(
      `the p99 of POST /memories was to stay below ${STORE_P99} ms; it was ${Math.round(storeP99Ms)} ms`,
    );
  }
  if (longestMs > LONGEST) {
    broken.push(`no request was to take longer than ${LONGEST} ms; one did: ${log.slowest()}`);
  }
  const pending = log
    .answers(201)
    .filter(({ body }) => (body as { embedding?: string }).embedding === 'pending').length;
  if (dependency === 'embedder' && pending === 0) {
    broken.push('memories were to be stored with embedding pending; none was');
  }
  if (dependency !== 'embedder' && pending > 0) {
    broken.push(`no memory was to wait for its vector; ${pending} did`);
  }
  return broken;
}
