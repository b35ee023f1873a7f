import fc from 'fast-check';
import { lightStem } from './light-stem.js';

describe(lightStem, () => {
  it.each([
    [['hike', 'hikes', 'hiked', 'hiking'], 'hik'],
    [['story', 'stories'], 'stori'],
    [['plan', 'plans', 'planned', 'planning'], 'plan'],
    [['class', 'classes'], 'class'],
    [['tell', 'tells', 'telling'], 'tell'],
  ])('joins %j', (words, stem) => {
    for (const word of words) expect(lightStem(word)).toBe(stem);
  });

  it.each(['gas', 'bus', 'this', 'naïve', 'x2000s', 'été', '山'])('leaves %s as it is', (word) => {
    expect(lightStem(word)).toBe(word);
  });

  it('leaves two letters at least and never makes a word longer', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{2,12}$/), (word) => {
        const stem = lightStem(word);
        expect(stem.length).toBeGreaterThanOrEqual(2);
        expect(stem.length).toBeLessThanOrEqual(word.length);
      }),
    );
  });
});
