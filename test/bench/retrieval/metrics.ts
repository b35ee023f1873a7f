/** The measures of a ranking, in the order they are printed. */
export const MEASURES = [
  'recall@5',
  'recall@10',
  'recall@20',
  'hit@10',
  'all@10',
  'ndcg@10',
  'mrr',
] as const;

export type Measure = (typeof MEASURES)[number];
export type Measures = Record<Measure, number>;
/** Means over `n` queries, to four decimals. */
export type Score = Measures & { n: number };

/** Ranks beyond this do not count for the reciprocal rank. */
const MRR_DEPTH = 100;

/**
 * Measures of one ranking against its gold ids, all 0 to 1; an id that comes twice counts once.
 * recall@k: share of gold in the first k. hit@10, all@10: any gold, every gold in the first ten.
 * ndcg@10: binary gains, the ideal being min(|gold|, 10) hits at the top (Järvelin and Kekäläinen
 * 2002). mrr: 1 / rank of the first gold. Throws when there is no gold.
 */
export function measure(ranked: readonly string[], gold: readonly string[]): Measures {
  const wanted = new Set(gold);
  if (wanted.size === 0) throw new Error('a query without gold ids cannot be scored');
  const ranking = [...new Set(ranked)];
  const found = ranking.map((id) => wanted.has(id));
  const recall = (k: number): number => count(found.slice(0, k)) / wanted.size;
  const gains = found.slice(0, 10).map((hit, rank) => (hit ? discount(rank) : 0));
  const ideal = Array.from({ length: Math.min(wanted.size, 10) }, (_, rank) => discount(rank));
  const first = found.slice(0, MRR_DEPTH).indexOf(true);
  return {
    'recall@5': recall(5),
    'recall@10': recall(10),
    'recall@20': recall(20),
    'hit@10': recall(10) > 0 ? 1 : 0,
    'all@10': recall(10) === 1 ? 1 : 0,
    'ndcg@10': sum(gains) / sum(ideal),
    mrr: first === -1 ? 0 : 1 / (first + 1),
  };
}

/** Means over queries, each of the same weight. Throws when there is none. */
export function meanOf(measured: readonly Measures[]): Score {
  if (measured.length === 0) throw new Error('no query to score');
  const means = MEASURES.map((name) => {
    const mean = sum(measured.map((measures) => measures[name])) / measured.length;
    return [name, Number(mean.toFixed(4))] as const;
  });
  return { ...(Object.fromEntries(means) as Measures), n: measured.length };
}

function discount(rank: number): number {
  return 1 / Math.log2(rank + 2);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function count(flags: readonly boolean[]): number {
  return flags.filter(Boolean).length;
}
