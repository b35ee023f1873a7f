import fc from 'fast-check';
import { fadesBelowAt, type SalienceFacts, salienceAt } from './salience.js';

const DAY = 86_400_000;
const facts: SalienceFacts = {
  importance: 0.8,
  createdAt: 10 * DAY,
  accessCount: 0,
  lastAccessedAt: undefined,
  pinned: false,
  halfLifeMs: 5 * DAY,
};

const someFacts: fc.Arbitrary<SalienceFacts> = fc.record({
  importance: fc.double({ min: 0, max: 1, noNaN: true }),
  createdAt: fc.integer({ min: 0, max: 100 * DAY }),
  accessCount: fc.integer({ min: 0, max: 1_000 }),
  lastAccessedAt: fc.option(fc.integer({ min: 0, max: 200 * DAY }), { nil: undefined }),
  pinned: fc.boolean(),
  halfLifeMs: fc.integer({ min: 1_000, max: 365 * DAY }),
});

describe('salience', () => {
  it('is the importance at first and half of it after a half-life', () => {
    expect(salienceAt(facts, 10 * DAY)).toBe(0.8);
    expect(salienceAt(facts, 15 * DAY)).toBeCloseTo(0.4, 12);
    expect(salienceAt(facts, 20 * DAY)).toBeCloseTo(0.2, 12);
  });

  it('is nothing before the memory was there', () => {
    expect(salienceAt(facts, 10 * DAY - 1)).toBe(0);
  });

  it('starts again with a use, and lasts longer with many', () => {
    const used = { ...facts, accessCount: 1, lastAccessedAt: 15 * DAY };
    expect(salienceAt(used, 15 * DAY)).toBe(0.8);
    expect(salienceAt(used, 22.5 * DAY)).toBeCloseTo(0.4, 12);
    expect(salienceAt({ ...used, accessCount: 7 }, 22.5 * DAY)).toBeGreaterThan(0.4);
  });

  it('does not fade while it is pinned', () => {
    expect(salienceAt({ ...facts, pinned: true }, 1_000 * DAY)).toBe(0.8);
  });

  it('stays between 0 and the importance, and only falls with time', () => {
    fc.assert(
      fc.property(someFacts, fc.nat(400 * DAY), fc.nat(400 * DAY), (given, a, b) => {
        const used = Math.max(given.lastAccessedAt ?? 0, given.createdAt);
        const [earlier, later] = [used + Math.min(a, b), used + Math.max(a, b)];
        const [before, after] = [salienceAt(given, earlier), salienceAt(given, later)];
        expect(before).toBeLessThanOrEqual(given.importance);
        expect(after).toBeGreaterThanOrEqual(0);
        expect(after).toBeLessThanOrEqual(before);
      }),
    );
  });

  it('falls below a threshold at the moment that is told', () => {
    fc.assert(
      fc.property(someFacts, fc.double({ min: 0.01, max: 1, noNaN: true }), (given, threshold) => {
        const at = fadesBelowAt(given, threshold);
        if (given.importance < threshold) {
          expect(at).toBe(given.createdAt);
          return;
        }
        if (given.pinned) {
          expect(at).toBe(Infinity);
          return;
        }
        expect(salienceAt(given, at + 60_000)).toBeLessThan(threshold);
        expect(
          salienceAt(given, Math.max(at - 60_000, given.lastAccessedAt ?? 0, given.createdAt)),
        ).toBeGreaterThanOrEqual(threshold - 1e-9);
      }),
    );
  });
});
