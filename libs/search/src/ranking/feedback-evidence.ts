import { saturated } from './bm25.js';
import { type Column, emptyColumn, type ScaledColumn, scaledToBest } from './column.js';
import type { LocalTerms } from './local-terms.js';

const HITS = 8;
const TERMS = 10;

/**
 * BM25 by the words that the first hits share and the query lacks (relevance model, Lavrenko and
 * Croft 2001; statistics of the candidates, as in local analysis, Xu and Croft 1996): the ten words
 * with the most sum of hit score x tf / (tf + 1) x idf over the first eight hits. `known`: numbers
 * of stems that the query has, and of names.
 */
export function feedbackEvidence(
  local: LocalTerms,
  scores: Column,
  known: ReadonlySet<number>,
): ScaledColumn {
  const column = emptyColumn(local.counted.length);
  const terms = expansion(local, scores, known);
  if (terms.size === 0) return scaledToBest(column);
  for (const i of local.read) {
    const counted = local.counted[i];
    if (!counted) continue;
    const relative = counted.length / local.averageLength;
    let sum = 0;
    for (let k = 0; k < counted.stems.length; k++) {
      const weight = terms.get(counted.stems[k] ?? -1);
      if (weight !== undefined) sum += weight * saturated(counted.counts[k] ?? 0, relative);
    }
    column[i] = sum;
  }
  return scaledToBest(column);
}

/** What one occurrence of each expansion term counts before saturation: its gain x idf. */
function expansion(
  local: LocalTerms,
  scores: Column,
  known: ReadonlySet<number>,
): Map<number, number> {
  const hits = local.read.slice(0, HITS);
  const best = scores[hits[0] ?? -1] ?? 0;
  const gains = new Map<number, number>();
  if (best <= 0) return gains;
  for (const hit of hits) {
    const share = Math.max(0, scores[hit] ?? 0) / best;
    const counted = local.counted[hit];
    counted?.stems.forEach((stem, k) => {
      if (known.has(stem) || local.memoriesWith(stem) < 2) return;
      const tf = counted.counts[k] ?? 0;
      gains.set(stem, (gains.get(stem) ?? 0) + share * (tf / (tf + 1)) * local.idf(stem));
    });
  }
  // Equal gains keep the order in which the hits have them: a stem's number tells nothing.
  const most = [...gains].sort((a, b) => b[1] - a[1]).slice(0, TERMS);
  return new Map(most.map(([stem, gain]) => [stem, gain * local.idf(stem)]));
}
