import { saturated } from './bm25.js';
import { type Column, emptyColumn, type ScaledColumn, scaledToBest } from './column.js';
import type { LocalTerms } from './local-terms.js';

const HITS = 8;
const TERMS = 10;

/**
 * BM25 by the words that the first hits share and the query lacks (relevance model, Lavrenko and
 * Croft 2001; statistics of the candidates, as in local analysis, Xu and Croft 1996): the ten words
 * with the most sum of hit score x tf / (tf + 1) x idf over the first eight hits.
 */
export function feedbackEvidence(
  local: LocalTerms,
  ranking: readonly number[],
  scores: Column,
  isKnown: (stem: string) => boolean,
): ScaledColumn {
  const column = emptyColumn(local.counts.length);
  const hits = ranking.slice(0, HITS);
  const best = scores[hits[0] ?? -1] ?? 0;
  if (best <= 0) return scaledToBest(column);
  const weights = new Map<string, number>();
  for (const hit of hits) {
    const share = Math.max(0, scores[hit] ?? 0) / best;
    for (const [stem, tf] of local.counts[hit] ?? []) {
      if (isKnown(stem) || local.memoriesWith(stem) < 2) continue;
      const gain = share * (tf / (tf + 1)) * local.idf(stem);
      weights.set(stem, (weights.get(stem) ?? 0) + gain);
    }
  }
  const terms = [...weights].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, TERMS);
  local.counts.forEach((counted, i) => {
    const relative = (local.lengths[i] ?? 0) / local.averageLength;
    for (const [stem, weight] of terms) {
      const tf = counted?.get(stem) ?? 0;
      if (tf > 0) column[i] = (column[i] ?? 0) + weight * local.idf(stem) * saturated(tf, relative);
    }
  });
  return scaledToBest(column);
}
