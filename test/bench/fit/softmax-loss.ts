import { sumsOf } from './labelled-query.ts';
import type { LabelledQuery, Weighted, Weights } from './labelled-query.ts';
import type { Objective } from './lbfgs.ts';

export interface SoftmaxOptions {
  /** Which weights may move; the others get a gradient of 0 and no penalty. */
  readonly free: readonly boolean[];
  /** Penalty: half of this times the sum of the squares of the free weights. */
  readonly l2: number;
}

/**
 * Softmax regression over the candidates of each query: the mean of -log of the share of
 * e^sum that falls to a piece of evidence (ListNet's cross entropy, Cao et al. 2007), plus an L2
 * penalty. Convex. Queries without evidence among their candidates say nothing here.
 */
export function softmaxLoss(
  training: readonly Weighted[],
  { free, l2 }: SoftmaxOptions,
): Objective {
  const telling = training.filter(({ query }) => query.evidence.length > 0);
  const total = telling.reduce((sum, { weight }) => sum + weight, 0);
  return (weights) => {
    const gradient = new Float64Array(weights.length);
    let value = 0;
    for (const { query, weight } of telling) {
      value += addQuery(query, weight / total, { weights, free, gradient });
    }
    for (let f = 0; f < weights.length; f++) {
      if (!free[f]) continue;
      value += 0.5 * l2 * weights[f]! ** 2;
      gradient[f] = gradient[f]! + l2 * weights[f]!;
    }
    return { value, gradient };
  };
}

interface Sums {
  readonly weights: Weights;
  readonly free: readonly boolean[];
  readonly gradient: Float64Array;
}

/** The query's loss; its share of the gradient is added. */
function addQuery(query: LabelledQuery, share: number, { weights, free, gradient }: Sums): number {
  const { candidates, values, evidence } = query;
  const sums = sumsOf(query, weights);
  const most = sums.reduce((a, b) => Math.max(a, b), -Infinity);
  const shares = sums.map((sum) => Math.exp(sum - most));
  const whole = shares.reduce((a, b) => a + b, 0);
  const each = 1 / evidence.length;
  let loss = 0;
  for (const i of evidence) loss += each * (most + Math.log(whole) - sums[i]!);
  for (let f = 0; f < weights.length; f++) {
    if (!free[f]) continue;
    const offset = f * candidates;
    let expected = 0;
    for (let i = 0; i < candidates; i++) expected += shares[i]! * values[offset + i]!;
    let wanted = 0;
    for (const i of evidence) wanted += values[offset + i]!;
    gradient[f] = gradient[f]! + share * (expected / whole - each * wanted);
  }
  return share * loss;
}
