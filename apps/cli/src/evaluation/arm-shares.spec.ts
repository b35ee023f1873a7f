import fc from 'fast-check';
import { anExplanation, aScoredMemory } from '../../testing/resources.fixture.js';
import type { ScoredMemory } from '../memory.js';
import { armShares, featureShares } from './arm-shares.js';

const foundBy = (...arms: string[]): ScoredMemory =>
  aScoredMemory({ explanation: anExplanation({ found_by: arms.map((arm) => ({ arm })) }) });

const scored = (contributions: Readonly<Record<string, number>>): ScoredMemory => {
  const parts = Object.entries(contributions).map(([feature, contribution]) => ({
    feature,
    raw: 1,
    value: 1,
    weight: contribution,
    contribution,
  }));
  return aScoredMemory({ explanation: anExplanation({ contributions: parts }) });
};

describe(armShares.name, () => {
  it('P45 tells what an arm found from what it alone found', () => {
    const results = [foundBy('dense', 'lexical'), foundBy('dense'), foundBy('dense'), foundBy()];
    expect(armShares(results)).toEqual([
      { arm: 'dense', found: 0.75, found_only_by_it: 0.5 },
      { arm: 'lexical', found: 0.25, found_only_by_it: 0 },
    ]);
  });

  it('counts an arm once for a result it names twice', () => {
    expect(armShares([foundBy('context', 'context')])).toEqual([
      { arm: 'context', found: 1, found_only_by_it: 1 },
    ]);
  });

  it('of no results has nothing to say', () => {
    expect(armShares([])).toEqual([]);
    expect(featureShares([])).toEqual([]);
  });
});

describe(featureShares.name, () => {
  it('P45 is the mean part of a score, with its sign', () => {
    expect(featureShares([scored({ cosine: 3, rival: -1 }), scored({ cosine: 1 })])).toEqual([
      { feature: 'cosine', share: 0.875 },
      { feature: 'rival', share: -0.125 },
    ]);
  });

  it('adds up to 1 where nothing counts against a memory', () => {
    const parts = fc.dictionary(
      fc.constantFrom('a', 'b', 'c'),
      fc.double({ min: 0.01, max: 9, noNaN: true }),
      { minKeys: 1 },
    );
    fc.assert(
      fc.property(fc.array(parts, { minLength: 1, maxLength: 8 }), (all) => {
        const shares = featureShares(all.map(scored)).map(({ share }) => share);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
      }),
    );
  });
});
