import { sumsOf } from './labelled-query.ts';
import type { Weighted, Weights } from './labelled-query.ts';

/** 1 / (1 + e^-(slope sum + intercept)) is the share of memories of that sum that are evidence. */
export interface Calibration {
  readonly slope: number;
  readonly intercept: number;
}

/** A candidate's sum, whether it is evidence, and how much it counts. */
export interface Labelled {
  readonly sum: number;
  readonly evidence: boolean;
  readonly weight: number;
}

const ITERATIONS = 100;
const BINS = 10;

/** All candidates of all queries, or the first so many of each. */
export function labelledSums(
  queries: readonly Weighted[],
  weights: Weights,
  first = Infinity,
): Labelled[] {
  return queries.flatMap(({ query, weight }) => {
    const wanted = new Set(query.evidence);
    return [...sumsOf(query, weights)]
      .map((sum, i) => ({ sum, evidence: wanted.has(i), weight }))
      .sort((a, b) => b.sum - a.sum)
      .slice(0, first);
  });
}

/**
 * The logistic that fits best (Platt 1999), by Newton's method with halved steps (Lin, Lin and Weng
 * 2007); Platt's targets, a little off 0 and 1, keep it finite where a sum parts the two perfectly.
 */
export function fitCalibration(labelled: readonly Labelled[]): Calibration {
  const positive = labelled.filter(({ evidence }) => evidence).length;
  const negative = labelled.length - positive;
  const high = (positive + 1) / (positive + 2);
  const low = 1 / (negative + 2);
  const total = labelled.reduce((sum, { weight }) => sum + weight, 0);
  const loss = ({ slope, intercept }: Calibration): number =>
    labelled.reduce((sum, { sum: x, evidence, weight }) => {
      const z = slope * x + intercept;
      const target = evidence ? high : low;
      return (
        sum + (weight / total) * (Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - target * z)
      );
    }, 0);
  let here: Calibration = { slope: 0, intercept: Math.log((positive + 1) / (negative + 1)) };
  let value = loss(here);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const step = newtonStep(labelled, here, (evidence) => (evidence ? high : low));
    let next = here;
    let lower = Infinity;
    for (let length = 1; length > 1e-10 && !(lower < value); length /= 2) {
      next = {
        slope: here.slope - length * step.slope,
        intercept: here.intercept - length * step.intercept,
      };
      lower = loss(next);
    }
    if (!(lower < value)) break;
    const gained = value - lower;
    here = next;
    value = lower;
    if (gained < 1e-14) break;
  }
  return here;
}

/** The inverse of the Hessian times the gradient; a ridge keeps it invertible. */
function newtonStep(
  labelled: readonly Labelled[],
  { slope, intercept }: Calibration,
  target: (evidence: boolean) => number,
): Calibration {
  let [g0, g1, h00, h01, h11] = [0, 0, 1e-12, 0, 1e-12];
  for (const { sum, evidence, weight } of labelled) {
    const share = 1 / (1 + Math.exp(-(slope * sum + intercept)));
    const off = weight * (share - target(evidence));
    const bend = weight * share * (1 - share);
    g0 += off * sum;
    g1 += off;
    h00 += bend * sum * sum;
    h01 += bend * sum;
    h11 += bend;
  }
  const determinant = h00 * h11 - h01 * h01;
  return {
    slope: (h11 * g0 - h01 * g1) / determinant,
    intercept: (h00 * g1 - h01 * g0) / determinant,
  };
}

/**
 * Expected calibration error (Naeini et al. 2015): how far the scores are from the share of
 * evidence among memories of such a score, in ten bins of equal width, each as it is filled.
 */
export function calibrationError(
  labelled: readonly Labelled[],
  { slope, intercept }: Calibration,
): number {
  const bins = Array.from({ length: BINS }, () => ({ predicted: 0, evidence: 0 }));
  let total = 0;
  for (const { sum, evidence, weight } of labelled) {
    const score = 1 / (1 + Math.exp(-(slope * sum + intercept)));
    const bin = bins[Math.min(BINS - 1, Math.floor(score * BINS))]!;
    bin.predicted += weight * score;
    bin.evidence += evidence ? weight : 0;
    total += weight;
  }
  return bins.reduce((sum, bin) => sum + Math.abs(bin.predicted - bin.evidence), 0) / total;
}
