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
export function restatedEvidence(memories: readonly RankingMemory[], local: LocalTerms): Column {
  const column = emptyColumn(memories.length);
  const bySession = Map.groupBy(local.read, (i) => memories[i]?.session ?? -1);
  bySession.delete(-1);
  const said = new Uint32Array(local.stems);
  const totals = emptyColumn(memories.length);
  for (const members of bySession.values()) {
    if (members.length < 2) continue;
    for (const i of members) totals[i] = sumOfIdf(local, i);
    for (const late of members) {
      for (const stem of local.counted[late]?.stems ?? []) said[stem] = late + 1;
      const isSaid = (stem: number): boolean => said[stem] === late + 1;
      for (const early of members) {
        const total = totals[early] ?? 0;
        if (early >= late || total === 0) continue;
        const share = sumOfIdf(local, early, isSaid) / total;
        const again = Math.max(0, share - SAME_SUBJECT) / (1 - SAME_SUBJECT);
        column[early] = Math.max(column[early] ?? 0, again);
      }
    }
  }
  return column;
}

function sumOfIdf(
  local: LocalTerms,
  position: number,
  counts: (stem: number) => boolean = () => true,
): number {
  let sum = 0;
  for (const stem of local.counted[position]?.stems ?? []) {
    if (counts(stem)) sum += local.idf(stem);
  }
  return sum;
}
