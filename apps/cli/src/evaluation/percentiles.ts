export interface Latency {
  readonly p50: number;
  readonly p95: number;
}

/** Median and 95th percentile by nearest rank; of no values, null. */
export function latencyOf(values: readonly number[]): Latency | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((left, right) => left - right);
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? NaN;
  return { p50: at(0.5), p95: at(0.95) };
}
