/** BM25's parameters as Robertson and Zaragoza (2009) give them. */
const K1 = 1.2;
const B = 0.75;

/** ln(1 + (N - n + 0.5) / (n + 0.5)): never negative (Robertson and Zaragoza 2009, Lucene's form). */
export const inverseDocumentFrequency = (documents: number, having: number): number =>
  Math.log(1 + (Math.max(documents - having, 0) + 0.5) / (having + 0.5));

/** tf (k1 + 1) / (tf + k1 (1 - b + b length / average)): what one term adds, before its idf. */
export function saturated(frequency: number, relativeLength: number): number {
  return (frequency * (K1 + 1)) / (frequency + K1 * (1 - B + B * relativeLength));
}

/** A term repeated in the query counts more, but ever less: tf (k1 + 1) / (tf + k1). */
export const queryTermWeight = (frequency: number): number =>
  (frequency * (K1 + 1)) / (frequency + K1);
