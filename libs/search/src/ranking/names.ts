import type { RankingMemory } from './ranking-input.js';

const WORD = /[\p{L}\p{N}]+/gu;
/** How much longer a name may be than its stem. */
const STEM_LOSS = 2;

export const wordsOf = (text: string): string[] => text.toLowerCase().match(WORD) ?? [];

export interface Names {
  /** The one speaker that the query names; undefined when it names none or several. */
  readonly asked: string | undefined;
  /** Whether a lexeme is a speaker's name. */
  readonly isName: (lexeme: string) => boolean;
}

/** Speakers of the memories at hand, found in the query by any word of their name. */
export function namesIn(query: string, memories: readonly RankingMemory[]): Names {
  const said = new Set(wordsOf(query));
  const speakers = new Set(memories.flatMap(({ speaker }) => (speaker ? [speaker] : [])));
  const words = [...speakers].flatMap(wordsOf);
  const named = [...speakers].filter((speaker) => wordsOf(speaker).some((word) => said.has(word)));
  return {
    asked: named.length === 1 ? named[0] : undefined,
    isName: (lexeme) =>
      words.some((word) => word.startsWith(lexeme) && word.length - lexeme.length <= STEM_LOSS),
  };
}
