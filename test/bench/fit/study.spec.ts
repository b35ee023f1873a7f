import { ablationsOf } from './ablations.ts';
import { labelledQueries } from './labelled.fixture.ts';
import type { LabelledQuery } from './labelled-query.ts';
import { describeFit, recipeText } from './report.ts';
import type { Ranked } from './report.ts';
import { measureQuery, reach } from './scoring.ts';
import { Study } from './study.ts';

const features = ['sentence', 'session', 'role', 'odd'];
const inForce = { features, weights: [1, 1, 0.6, 0], calibration: { slope: 1, intercept: -8 } };
const hidden = [2, -1, 0, 0];
const space = (seed: number, namespace: string): LabelledQuery[] =>
  labelledQueries(seed, { queries: 30, candidates: 40, features: 4, namespace }, hidden).map(
    (query) => ({ ...query, values: query.values.fill(0, 80, 120) }),
  );
const queries = [...space(1, 'a'), ...space(2, 'b')];
const options = { setWeights: new Map<string, number>(), hold: [] as string[], l2: 1e-3 };
const study = new Study(queries, inForce, options);

describe(Study.name, () => {
  it('keeps the weight of what no data tells of, and of what is held', () => {
    expect(study.untold).toEqual(['role']);
    const held = new Study(queries, inForce, { ...options, hold: ['session'] }).fit();
    expect([held[1], held[2]]).toEqual([1, 0.6]);
    expect(held[0]).not.toBe(1);
  });

  it('names the features when one to hold is not among them', () => {
    expect(() => new Study(queries, inForce, { ...options, hold: ['exact'] })).toThrow(
      '--hold names exact; the features are sentence, session, role, odd',
    );
  });

  it('ranks a namespace by weights that were fitted without it', () => {
    const turned = space(3, 'b').map((query) => {
      const worst = [...Array(40).keys()].sort((i, j) => query.values[i]! - query.values[j]!)[0]!;
      return { ...query, evidence: [worst] };
    });
    const { by_namespace } = new Study(
      [...space(1, 'a'), ...turned],
      inForce,
      options,
    ).leaveOneOut();
    expect(by_namespace['set a']!['recall@10']).toBeLessThan(0.1);
    expect(by_namespace['set b']!['recall@10']).toBeLessThan(0.1);
  });

  it('loses what a feature gave when it is taken away, and says nothing of the untold', () => {
    const full = study.scores(study.fit()).set!['recall@10'];
    const rows = new Map(study.ablate().map(({ name, by_set }) => [name, by_set.set!]));
    expect([...rows.keys()]).toEqual(['sentence', 'session', 'odd', 'all lexical']);
    expect(rows.get('sentence')!['recall@10']).toBeLessThan(full - 0.1);
  });

  it('calibrates better than what is in force', () => {
    const weights = study.fit();
    const given = study.calibrate(weights, inForce.calibration);
    expect(given.calibration).toEqual(inForce.calibration);
    expect(study.calibrate(weights).error).toBeLessThan(given.error);
  });
});

describe('ablationsOf', () => {
  it('takes each feature away, then groups of which at least two are there', () => {
    expect(ablationsOf(['session', 'surroundings', 'cosine', 'new'])).toEqual([
      { name: 'session', off: ['session'] },
      { name: 'surroundings', off: ['surroundings'] },
      { name: 'cosine', off: ['cosine'] },
      { name: 'new', off: ['new'] },
      { name: 'all context', off: ['session', 'surroundings'] },
      { name: 'all lexical', off: ['session', 'surroundings'] },
    ]);
  });
});

describe('measureQuery', () => {
  it('counts evidence that is no candidate as missed', () => {
    const query: LabelledQuery = {
      set: 's',
      namespace: 'n',
      candidates: 2,
      values: Float32Array.of(1, 2),
      evidence: [1],
      wanted: 2,
    };
    expect(measureQuery(query, Float64Array.of(1))).toMatchObject({ 'recall@5': 0.5, mrr: 1 });
    expect(measureQuery(query, Float64Array.of(-1))).toMatchObject({ 'recall@5': 0.5, mrr: 0.5 });
    expect(reach([query])).toEqual({ s: 0.5 });
  });
});

describe('describeFit', () => {
  const weights = study.fit();
  const ranked: Ranked = {
    by_set: study.scores(weights),
    by_namespace: study.scoresByNamespace(weights),
    recalibrated: {
      calibration: { slope: 1.234, intercept: -5.678 },
      error: 0,
      error_first_ten: 0,
    },
  };
  const rows = [
    { name: 'sentence', in_force: 1, fitted: 2.5 },
    { name: 'role', in_force: 0.6, fitted: 0.6, held: 'data' as const },
  ];

  it('prints the tables asked for and the recipe', () => {
    const text = describeFit({
      embedder: 'hash',
      model: 'hash-768',
      stack: 'embedded',
      top_k: 400,
      l2: 1e-3,
      queries: 60,
      candidates: 40,
      set_weights: { set: 1 },
      reach: { set: 1 },
      features: rows,
      in_force: ranked,
      fitted: ranked,
      left_out: study.leaveOneOut(),
      ablation: [{ name: 'sentence', by_set: ranked.by_set }],
      took_s: 3,
    });
    expect(text).toMatch(/^\| set, fitted, left out +\| +\d\.\d{3} \|/m);
    expect(text).toMatch(/^\| set a +\|/m);
    expect(text).toMatch(/^\| sentence +\| +\d\.\d{3} \| +\+0\.000 \|$/m);
    expect(text).toMatch(/^\| role +\| +0\.60 \| +0\.60 \| not in the data \|$/m);
    expect(text).toContain('Not in the data: role.');
    expect(text).toContain('calibration: { slope: 1.23, intercept: -5.68 },');
  });

  it('writes a recipe that says which weights were held', () => {
    const lines = recipeText({ features: rows, fitted: ranked }).split('\n');
    expect(lines).toContain('    sentence: 2.5,');
    expect(lines).toContain('    role: 0.6, // held');
  });
});
