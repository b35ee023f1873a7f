/** Latencies in milliseconds. */
export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
}

/**
 * The nearest-rank percentile: the smallest sample that at least `percent` % of the samples do not
 * exceed. NaN when there is no sample; `percent` is above 0 and at most 100.
 */
export function percentile(samples: readonly number[], percent: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? NaN;
}

/** p50, p95 and p99 by nearest rank, rounded to microseconds. */
export function percentilesOf(samples: readonly number[]): Percentiles {
  const at = (percent: number): number => Math.round(percentile(samples, percent) * 1000) / 1000;
  return { p50: at(50), p95: at(95), p99: at(99) };
}
