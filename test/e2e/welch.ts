const BOUND = 2.576;

/**
 * Whether two samples of times come from different distributions, by Welch's t-test at p = 0.01
 * (normal approximation; B. L. Welch, Biometrika 34, 1947). The slowest quarter of each is left out:
 * it is the machine's, not the program's.
 */
export function differ(left: readonly number[], right: readonly number[]): boolean {
  const [a, b] = [summaryOf(left), summaryOf(right)];
  const error = Math.sqrt(a.variance / a.size + b.variance / b.size);
  return Math.abs(a.mean - b.mean) / error > BOUND;
}

function summaryOf(times: readonly number[]): { mean: number; variance: number; size: number } {
  const kept = times.toSorted((a, b) => a - b).slice(0, Math.ceil(times.length * 0.75));
  const mean = kept.reduce((sum, time) => sum + time, 0) / kept.length;
  const squares = kept.reduce((sum, time) => sum + (time - mean) ** 2, 0);
  return { mean, variance: squares / (kept.length - 1), size: kept.length };
}

export function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}
