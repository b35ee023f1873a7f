import type { QueryTerm } from './ranking-input.js';

/** About 80 English words; evidence in a long memory stands close together. */
export const PASSAGE_CHARACTERS = 480;
/** Hits looked at in one memory: the work stays bounded whatever is stored. */
const MOST_HITS = 200;

/** Occurrences of each term of the query in the stretch of a memory that begins with a hit. */
export type Passage = ArrayLike<number>;

/** Finds every passage of a long text that begins with a term of the query. */
export type PassageFinder = (content: string) => Passage[];

/**
 * Words are matched to lexemes by their beginning (`kettl` finds `kettles`): exact enough to tell
 * where in a text the hits lie, which counts by the whole text do not tell.
 */
export function passageFinder(terms: readonly QueryTerm[]): PassageFinder {
  const places = new Map(terms.map(({ lexeme }, t) => [lexeme, t]));
  const lexemes = [...places.keys()].filter(Boolean).sort((a, b) => b.length - a.length);
  if (lexemes.length === 0) return () => [];
  const starts = lexemes.map((lexeme) => escaped(lexeme).replace(/i$/, '[iy]')).join('|');
  const pattern = new RegExp(String.raw`(?<![\p{Script=Latin}\p{N}])(?:${starts})`, 'giu');
  const termOf = (found: string): number | undefined =>
    places.get(found) ?? places.get(found.replace(/y$/, 'i'));
  return (content) => {
    const hits: { at: number; term: number }[] = [];
    for (const { 0: found, index } of content.toLowerCase().matchAll(pattern)) {
      const term = termOf(found);
      if (term !== undefined) hits.push({ at: index, term });
      if (hits.length === MOST_HITS) break;
    }
    const count = (from: number, end: number): Passage => {
      const counts = new Uint8Array(terms.length);
      for (let i = from; i < hits.length; i++) {
        const hit = hits[i];
        if (!hit || hit.at >= end) break;
        counts[hit.term] = (counts[hit.term] ?? 0) + 1;
      }
      return counts;
    };
    return hits.map(({ at }, i) => count(i, at + PASSAGE_CHARACTERS));
  };
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
