/**
 * Where a query's relevant memories came in its results: one place, from 1, for each of them, null
 * for one that did not come. Several may have the same place when one result answers for several.
 */
export type Places = readonly (number | null)[];

/** For each wanted key the place of the first result that has it; `results` holds each one's keys. */
export function placesOf(
  results: readonly (readonly string[])[],
  wanted: readonly string[],
): Places {
  const first = new Map<string, number>();
  for (const [index, keys] of results.entries()) {
    for (const key of keys) if (!first.has(key)) first.set(key, index + 1);
  }
  return wanted.map((key) => first.get(key) ?? null);
}

/** Share of the relevant memories among the first `k` results, 0 to 1; needs one relevant memory. */
export function recallAt(places: Places, k: number): number {
  return places.filter((place) => place !== null && place <= k).length / places.length;
}

/**
 * Normalised discounted cumulative gain of the first `k`, 0 to 1, with binary gains; ideal is a
 * relevant result at each of the first places (Järvelin and Kekäläinen 2002).
 */
export function ndcgAt(places: Places, k: number): number {
  const found = [...new Set(places)].filter((place) => place !== null);
  const missed = places.filter((place) => place === null).length;
  const ideal = Array.from({ length: Math.min(found.length + missed, k) }, (_, at) => at + 1);
  return sum(found.filter((place) => place <= k).map(discount)) / sum(ideal.map(discount));
}

/** 1 / place of the first relevant result, 0 when there is none. */
export function reciprocalRank(places: Places): number {
  const found = places.filter((place) => place !== null);
  return found.length === 0 ? 0 : 1 / Math.min(...found);
}

const discount = (place: number): number => 1 / Math.log2(place + 1);

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);
