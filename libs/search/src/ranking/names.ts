import { isIdeographic, wordsOf } from '@soma/core';
import type { RankingMemory } from './ranking-input.js';
import { chatRole } from './role-evidence.js';

export interface Names {
  /** The one speaker that the query names; undefined when it names none or several. */
  readonly asked: string | undefined;
  /** Every speaker but the sides of a chat. */
  readonly people: readonly string[];
}

/**
 * Speakers of the memories at hand, found in the query by any word of their name, or by the whole
 * of it in a script without spaces. The sides of a chat ("user", "assistant") are nobody's name.
 */
export function namesIn(query: string, memories: readonly RankingMemory[]): Names {
  const lower = query.toLowerCase();
  const said = new Set(wordsOf(query));
  const speakers = new Set<string>();
  for (const { speaker } of memories) if (speaker) speakers.add(speaker);
  const people = [...speakers].filter((speaker) => !chatRole({ speaker }));
  const named = people.filter((speaker) =>
    isIdeographic(speaker)
      ? lower.includes(speaker.toLowerCase())
      : wordsOf(speaker).some((word) => said.has(word)),
  );
  return {
    asked: named.length === 1 ? named[0] : undefined,
    people,
  };
}
