import fc from 'fast-check';
import { halfLifeMsOf, overlaidHalfLives } from './half-lives.js';
import { reinforced, replayed } from './reinforcement.js';
import type { SalienceFacts } from './salience.js';
import { recomputeSalience, salienceParts } from './salience-parts.js';

const DAY = 86_400_000;
const facts: fc.Arbitrary<SalienceFacts> = fc.record({
  importance: fc.double({ min: 0, max: 1, noNaN: true }),
  createdAt: fc.integer({ min: 0, max: 2_000 * DAY }),
  accessCount: fc.nat(10_000),
  lastAccessedAt: fc.option(fc.integer({ min: 0, max: 4_000 * DAY }), { nil: undefined }),
  pinned: fc.boolean(),
  halfLifeMs: fc.oneof(fc.constant(Infinity), fc.integer({ min: DAY, max: 4_000 * DAY })),
});
const moment = fc.integer({ min: 0, max: 8_000 * DAY });

describe('the parts of salience', () => {
  it('give the salience again, once or a thousand times', () => {
    fc.assert(
      fc.property(facts, moment, (given, now) => {
        const parts = salienceParts(given, now);
        for (let run = 0; run < 3; run++) {
          expect(salienceParts(given, now)).toEqual(parts);
        }
        expect(recomputeSalience(parts)).toBeCloseTo(parts.salience, 14);
      }),
    );
    const given: SalienceFacts = {
      importance: 0.8,
      createdAt: 0,
      accessCount: 3,
      lastAccessedAt: 5 * DAY,
      pinned: false,
      halfLifeMs: 30 * DAY,
    };
    const runs = Array.from({ length: 1_000 }, () => salienceParts(given, 65 * DAY).salience);
    expect(new Set(runs).size).toBe(1);
    expect(runs[0]).toBeCloseTo(0.8 / 2, 14);
  });
});

describe('half-lives', () => {
  const base = { days: { episodic: 30, semantic: 90, summary: 0, procedural: 365 }, tierGrowth: 2 };

  it('grow with the tier, and are never where there are no days', () => {
    expect(halfLifeMsOf(base, 'episodic', 0)).toBe(30 * DAY);
    expect(halfLifeMsOf(base, 'semantic', 3)).toBe(720 * DAY);
    expect(halfLifeMsOf(base, 'summary', 2)).toBe(Infinity);
  });

  it('are those of the policy where it has some', () => {
    const own = overlaidHalfLives(base, { days: { episodic: 7 } });
    expect(own).toEqual({ ...base, days: { ...base.days, episodic: 7 } });
  });
});

describe('reinforcement by outcome', () => {
  const outcome = fc.record({
    reward: fc.double({ min: -1, max: 1, noNaN: true }),
    learningRate: fc.double({ min: 0.001, max: 1, noNaN: true }),
  });

  it('keeps importance between 0 and 1, however often', () => {
    const outcomes = fc.array(outcome, { maxLength: 200 });
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), outcomes, (importance, given) => {
        const after = replayed(importance, given);
        expect(after).toBeGreaterThanOrEqual(0);
        expect(after).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('raises by a reward, lowers by a punishment, and leaves what nothing is said of', () => {
    expect(reinforced(0.5, { reward: 1, learningRate: 0.2 })).toBeCloseTo(0.6, 14);
    expect(reinforced(0.5, { reward: -1, learningRate: 0.2 })).toBeCloseTo(0.4, 14);
    expect(reinforced(0.5, { reward: 0, learningRate: 0.2 })).toBe(0.5);
  });
});
