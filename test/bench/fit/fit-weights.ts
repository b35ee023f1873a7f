import type { Weighted, Weights } from './labelled-query.ts';
import { minimise } from './lbfgs.ts';
import type { Objective } from './lbfgs.ts';
import { contenders, smoothedRecall } from './smoothed-recall.ts';
import { softmaxLoss } from './softmax-loss.ts';

const TEMPERATURE = 0.25;
/** How strongly the second stage is held near where it begins: half of this x distance squared. */
const PULL = 1e-3;
const STEPS = 100;
const RATE = 0.03;
/** The second stage's last steps wander around the best; their mean does not. */
const AVERAGED = 20;

/**
 * Weights that rank the evidence of these queries high: softmax regression over the candidates,
 * then a climb on smoothed recall@10 that stays near it. Where `fixed` has a number the weight is
 * that number. `l2` is the regression's penalty (SoftmaxOptions). The same for the same input; to two decimals, as a recipe has them.
 */
export function fitWeights(
  training: readonly Weighted[],
  fixed: readonly (number | undefined)[],
  l2: number,
): Weights {
  const free = fixed.map((weight) => weight === undefined);
  const start = Float64Array.from(fixed, (weight) => weight ?? 0);
  const regressed = minimise(softmaxLoss(training, { free, l2 }), start);
  const near = contenders(training, regressed);
  const climbed = climb(smoothedRecall(near, { free, temperature: TEMPERATURE }), regressed, free);
  return climbed.map((weight, f) => fixed[f] ?? Math.round(weight * 100) / 100);
}

/** Gradient ascent with steps scaled as by Adam (Kingma and Ba 2015): the bar moves as it climbs. */
function climb(objective: Objective, start: Weights, free: readonly boolean[]): Weights {
  const weights = Float64Array.from(start);
  const mean = new Float64Array(start.length);
  const square = new Float64Array(start.length);
  const average = Float64Array.from(start, (weight, f) => (free[f] ? 0 : weight));
  for (let step = 1; step <= STEPS; step++) {
    const { gradient } = objective(weights);
    for (let f = 0; f < weights.length; f++) {
      if (!free[f]) continue;
      const slope = gradient[f]! - PULL * (weights[f]! - start[f]!);
      mean[f] = 0.9 * mean[f]! + 0.1 * slope;
      square[f] = 0.99 * square[f]! + 0.01 * slope * slope;
      const direction = mean[f]! / (1 - 0.9 ** step);
      const size = Math.sqrt(square[f]! / (1 - 0.99 ** step)) + 1e-8;
      weights[f] = weights[f]! + (RATE * direction) / size;
      if (step > STEPS - AVERAGED) average[f] = average[f]! + weights[f]! / AVERAGED;
    }
  }
  return average;
}
