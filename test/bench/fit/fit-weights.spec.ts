import { fitWeights } from './fit-weights.ts';
import { labelledQueries } from './labelled.fixture.ts';
import { varying, weighted } from './labelled-query.ts';
import { scoresBy } from './scoring.ts';

const hidden = [3, -2, 0, 1];
const shape = { queries: 60, candidates: 60, features: hidden.length };
const training = weighted(labelledQueries(1, shape, hidden), new Map());
const L2 = 1e-3;
const unknown = hidden.map(() => undefined);

describe('fitWeights', () => {
  it('finds what made the evidence: it ranks queries never seen as well', () => {
    const weights = fitWeights(training, unknown, L2);
    const unseen = labelledQueries(2, shape, hidden);
    const { set } = scoresBy(
      unseen,
      () => weights,
      (query) => query.set,
    );
    expect(set).toMatchObject({ 'recall@10': 1, n: 60 });
    expect(weights.map(Math.sign)).toMatchObject({ 0: 1, 1: -1, 3: 1 });
    expect(Math.abs(weights[2]!)).toBeLessThan(weights[3]! / 2);
  });

  it('keeps the weights that are fixed, and rounds the others', () => {
    const weights = fitWeights(training, [undefined, -0.123, undefined, 0], L2);
    expect(weights[1]).toBe(-0.123);
    expect(weights[3]).toBe(0);
    for (const f of [0, 2]) expect(weights[f]! * 100).toBeCloseTo(Math.round(weights[f]! * 100), 9);
  });

  it('finds smaller weights under a larger penalty', () => {
    const size = (l2: number) => Math.hypot(...fitWeights(training, unknown, l2));
    expect(size(1)).toBeLessThan(size(L2) / 2);
  });

  it('finds the same again', () => {
    expect(fitWeights(training, unknown, L2)).toEqual(fitWeights(training, unknown, L2));
  });

  it('listens to a set as much as it counts, however many queries it has', () => {
    const one = labelledQueries(3, { ...shape, set: 'one', queries: 5 }, [1, 0, 0, 0]);
    const many = labelledQueries(4, { ...shape, set: 'many' }, [-1, 0, 0, 0]);
    const fit = (weight: number) =>
      fitWeights(weighted([...one, ...many], new Map([['one', weight]])), unknown, L2)[0]!;
    expect(fit(20)).toBeGreaterThan(1);
    expect(fit(0.05)).toBeLessThan(-1);
  });
});

describe('weighted', () => {
  it('gives the queries of a set its weight together', () => {
    const queries = [
      ...labelledQueries(1, { ...shape, set: 'a', queries: 3 }),
      ...labelledQueries(1, { ...shape, set: 'b', queries: 7 }),
    ];
    const weights = weighted(queries, new Map([['a', 2]]));
    const of = (set: string) =>
      weights.reduce((sum, { query, weight }) => sum + (query.set === set ? weight : 0), 0);
    expect([of('a'), of('b')]).toEqual([expect.closeTo(2, 12), expect.closeTo(1, 12)]);
  });
});

describe('varying', () => {
  it('names a feature that is the same for all candidates of each query, though not of all', () => {
    const [first, second] = labelledQueries(1, { queries: 2, candidates: 3, features: 2 });
    first!.values.fill(0, 3);
    second!.values.fill(1, 3);
    expect(varying([first!, second!], 2)).toEqual([true, false]);
  });
});
