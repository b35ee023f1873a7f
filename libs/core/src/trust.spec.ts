import fc from 'fast-check';
import { derivedTrust } from './trust.js';

const trust = fc.double({ min: 0, max: 1, noNaN: true });
const sources = fc.array(fc.record({ trust }), { minLength: 1 });

describe(derivedTrust, () => {
  it('is one of the sources’ own, and above none of them', () => {
    fc.assert(
      fc.property(sources, (given) => {
        const derived = derivedTrust(given);
        expect(given.map((source) => source.trust)).toContain(derived);
        expect(given.every((source) => derived <= source.trust)).toBe(true);
      }),
    );
  });

  it('does not rise with one more source, nor up a tower of derivations', () => {
    fc.assert(
      fc.property(sources, sources, (lower, beside) => {
        const below = { trust: derivedTrust(lower) };
        expect(derivedTrust([below, ...beside])).toBeLessThanOrEqual(below.trust);
        expect(derivedTrust([below, ...beside])).toBe(derivedTrust([...lower, ...beside]));
      }),
    );
  });

  it('does not depend on the order, nor on a source counted twice', () => {
    fc.assert(
      fc.property(sources, (given) => {
        expect(derivedTrust([...given].reverse())).toBe(derivedTrust(given));
        expect(derivedTrust([...given, ...given])).toBe(derivedTrust(given));
      }),
    );
  });

  it('is 0 of nothing', () => {
    expect(derivedTrust([])).toBe(0);
  });

  it.each([-0.1, 1.1, Number.NaN, Infinity])('refuses a trust of %p', (wrong) => {
    expect(() => derivedTrust([{ trust: 1 }, { trust: wrong }])).toThrow(RangeError);
  });
});
