import { denseEvidence } from './dense-evidence.js';
import { inputOf, memoryOf } from './ranking-input.fixture.js';

const arm = (count: number): number[] => Array.from({ length: count }, (_, i) => 1 - i / 1_000);
const evidence = (cosines: readonly (number | undefined)[], session = 0) =>
  denseEvidence(inputOf(cosines.map((cosine) => memoryOf({ cosine, session }))));

describe(denseEvidence.name, () => {
  it('runs from 0 for the least returned to 1 for the best, 0 for what was not returned', () => {
    const { raw, value } = evidence([0.2, 0.8, 0.5, undefined]).cosine;
    expect([...raw]).toEqual([0.2, 0.8, 0.5, 0]);
    expect(value[1]).toBe(1);
    expect(value[2]).toBeCloseTo(0.5, 12);
    expect([value[0], value[3]]).toEqual([0, 0]);
  });

  it('does not change with the width of the arm past its 200th', () => {
    const narrow = evidence(arm(200)).cosine.value;
    const wide = evidence(arm(400)).cosine.value;
    expect(wide.slice(0, 200)).toEqual(narrow);
    expect(Math.max(...wide.slice(199))).toBe(0);
  });

  it('lets a memory outside any session stand for its surroundings and its session', () => {
    const { cosine, surroundings, session } = evidence([0.2, 0.8], -1);
    expect(surroundings).toEqual(cosine.value);
    expect(session).toEqual(cosine.value);
  });

  it('is 0 without a cosine, or where all are alike', () => {
    expect([...evidence([undefined]).cosine.value]).toEqual([0]);
    expect([...evidence([0.4, 0.4]).cosine.value]).toEqual([0, 0]);
  });
});
