import fc from 'fast-check';
import { inverseDocumentFrequency, queryTermWeight, saturated } from './bm25.js';

const frequency = fc.integer({ min: 1, max: 1_000 });
const relative = fc.double({ min: 0.01, max: 50, noNaN: true });

describe('BM25', () => {
  it('is the published formula with k1 1.2 and b 0.75', () => {
    expect(inverseDocumentFrequency(100, 9)).toBeCloseTo(Math.log(1 + 91.5 / 9.5), 12);
    // 3 occurrences in a memory of twice the average length: 3 x 2.2 / (3 + 1.2 x (0.25 + 1.5)).
    expect(saturated(3, 2)).toBeCloseTo(6.6 / 5.1, 12);
    expect(queryTermWeight(2)).toBeCloseTo(4.4 / 3.2, 12);
  });

  it('counts one occurrence at average length, and one in a query, as 1', () => {
    expect(saturated(1, 1)).toBeCloseTo(1, 12);
    expect(queryTermWeight(1)).toBeCloseTo(1, 12);
  });

  it('grows with frequency, shrinks with length, and stays below k1 + 1', () => {
    fc.assert(
      fc.property(frequency, relative, (tf, length) => {
        expect(saturated(tf + 1, length)).toBeGreaterThan(saturated(tf, length));
        expect(saturated(tf, length * 1.1)).toBeLessThan(saturated(tf, length));
        expect(saturated(tf, length)).toBeLessThan(2.2);
      }),
    );
  });

  it('has an idf above 0, the greater the rarer, even when counts disagree', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.nat(10_000), (documents, having) => {
        const idf = inverseDocumentFrequency(documents, having);
        expect(idf).toBeGreaterThan(0);
        expect(inverseDocumentFrequency(documents, having + 1)).toBeLessThan(idf);
      }),
    );
  });
});
