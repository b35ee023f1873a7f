const RESAMPLES = 1_000;
const SEED = 0x50_4d_41;

/** A mean and the interval that holds it with 95 % confidence. */
export interface Estimate {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Mean and percentile bootstrap interval (Efron 1979) of at least one value. The seed is fixed: the
 * same values give the same interval, and two lists of one length are resampled alike.
 */
export function estimate(values: readonly number[]): Estimate {
  const random = mulberry32(SEED);
  const means = Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    for (let draw = 0; draw < values.length; draw += 1) {
      sum += values[Math.floor(random() * values.length)] ?? 0;
    }
    return sum / values.length;
  }).toSorted((left, right) => left - right);
  return {
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    low: means[Math.floor(0.025 * RESAMPLES)] ?? NaN,
    high: means[Math.ceil(0.975 * RESAMPLES) - 1] ?? NaN,
  };
}

/** The generator mulberry32 (Tommy Ettinger 2017, public domain): uniform in [0, 1). */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
