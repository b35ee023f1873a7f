import { type Column, emptyColumn } from './column.js';
import type { LocalTerms } from './local-terms.js';
import type { RankingMemory } from './ranking-input.js';

/** Texts on one subject share so much of their words; only what is above says the same again. */
const SAME_SUBJECT = 0.4;

/**
 * How nearly a later memory of the same session says all of this one again: share of this memory's
 * words, by idf, found there (first hits only, so the work is bounded); 0 at SAME_SUBJECT, 1 when
 * all of it is said again. Notes are drafted, then confirmed: the last word counts.
 */
export function restatedEvidence(
  memories: readonly RankingMemory[],
  local: LocalTerms,
  ranking: readonly number[],
): Column {
  const column = emptyColumn(memories.length);
  const bySession = Map.groupBy(ranking, (i) => memories[i]?.session ?? -1);
  bySession.delete(-1);
  for (const members of bySession.values()) {
    for (const early of members) {
      for (const late of members) {
        if (late > early) column[early] = Math.max(column[early] ?? 0, overlap(local, early, late));
      }
    }
  }
  return column;
}

function overlap(local: LocalTerms, early: number, late: number): number {
  const later = local.counts[late];
  let all = 0;
  let again = 0;
  for (const stem of local.counts[early]?.keys() ?? []) {
    const weight = local.idf(stem);
    all += weight;
    if (later?.has(stem)) again += weight;
  }
  return all > 0 ? Math.max(0, again / all - SAME_SUBJECT) / (1 - SAME_SUBJECT) : 0;
}
