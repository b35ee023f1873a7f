import fc from 'fast-check';
import { labelledQueries, slopes } from './labelled.fixture.ts';
import { bestOf, sumsOf, weighted } from './labelled-query.ts';
import type { LabelledQuery } from './labelled-query.ts';
import type { Objective } from './lbfgs.ts';
import { contenders, smoothedRecall } from './smoothed-recall.ts';
import { softmaxLoss } from './softmax-loss.ts';

const FEATURES = 4;
const point = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), {
  minLength: FEATURES,
  maxLength: FEATURES,
});
const queriesOf = (seed: number, candidates = 20) =>
  labelledQueries(seed, { queries: 5, candidates, features: FEATURES });
const trainingOf = (seed: number) => weighted(queriesOf(seed), new Map());
const all = Array.from({ length: FEATURES }, () => true);

function expectGradient(objective: Objective, weights: readonly number[]): void {
  const at = Float64Array.from(weights);
  const { gradient } = objective(at);
  for (const [f, slope] of slopes((x) => objective(x).value, at).entries()) {
    expect(gradient[f]).toBeCloseTo(slope, 5);
  }
}

/** Where two candidates are level at an end of the band, the bar has a kink. */
function isSmoothAt(query: LabelledQuery, weights: Float64Array): boolean {
  const sums = sumsOf(query, weights);
  const others = bestOf(sums).filter((i) => !query.evidence.includes(i));
  return [7, 12].every((end) => sums[others[end - 1]!]! - sums[others[end]!]! > 1e-3);
}

describe('softmaxLoss', () => {
  it('has the gradient that differences of its value show', () => {
    fc.assert(
      fc.property(fc.nat(), point, (seed, weights) => {
        expectGradient(softmaxLoss(trainingOf(seed), { free: all, l2: 0.1 }), weights);
      }),
    );
  });

  it('is the log of the number of candidates where nothing is weighed', () => {
    const loss = softmaxLoss(trainingOf(1), { free: all, l2: 1 });
    expect(loss(new Float64Array(FEATURES)).value).toBeCloseTo(Math.log(20), 12);
  });

  it('moves no weight that is not free, and does not count its size', () => {
    const free = [true, false, true, true];
    const weights = Float64Array.of(0, 1_000, 0, 0);
    const penalised = softmaxLoss(trainingOf(2), { free, l2: 1 })(weights);
    expect(penalised.gradient[1]).toBe(0);
    expect(penalised.value).toBe(softmaxLoss(trainingOf(2), { free, l2: 0 })(weights).value);
  });

  it('is told nothing by a query without evidence among its candidates', () => {
    const [first, ...rest] = queriesOf(3);
    const without = weighted([{ ...first!, evidence: [] }, ...rest], new Map());
    const options = { free: all, l2: 0 };
    const at = Float64Array.of(1, 2, 3, 4);
    expect(softmaxLoss(without, options)(at).value).toBeCloseTo(
      softmaxLoss(weighted(rest, new Map()), options)(at).value,
      12,
    );
  });
});

describe('smoothedRecall', () => {
  const options = { free: all, temperature: 0.25 };

  it('has the gradient that differences of its value show', () => {
    fc.assert(
      fc.property(fc.nat(), point, (seed, weights) => {
        const training = trainingOf(seed);
        fc.pre(training.every(({ query }) => isSmoothAt(query, Float64Array.from(weights))));
        expectGradient(smoothedRecall(training, options), weights);
      }),
    );
  });

  it('comes to recall@10 as it gets sharper', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const queries = labelledQueries(
          seed,
          { queries: 5, candidates: 40, features: 2 },
          [1, 0],
        ).map((query) => ({ ...query, wanted: 2 }));
        const recall = smoothedRecall(weighted(queries, new Map()), {
          free: [true, true],
          temperature: 1e-6,
        });
        expect(recall(Float64Array.of(1, 0)).value).toBeCloseTo(0.5, 6);
        expect(recall(Float64Array.of(-1, 0)).value).toBeCloseTo(0, 6);
      }),
    );
  });

  it('is the same for the contenders alone', () => {
    const weights = Float64Array.of(2, 1, 0.5, 3);
    const training = weighted(queriesOf(4, 200), new Map());
    const few = contenders(training, weights);
    expect(few.every(({ query }) => query.candidates <= 82)).toBe(true);
    expect(smoothedRecall(few, options)(weights).value).toBe(
      smoothedRecall(training, options)(weights).value,
    );
  });
});
