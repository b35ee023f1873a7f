import { parseCoordinate, isUuid, memoryId, type MemoryId } from '@soma/core';

/** Words of a query in which names are looked for. */
const MOST_WORDS = 30;
const MOST_WORDS_OF_A_NAME = 3;
const LONGEST_NAME = 200;
const JOINTS = [' ', '-', '_'];

export interface ExactNames {
  readonly names: readonly string[];
  readonly ids: readonly MemoryId[];
  readonly coordinates: readonly string[];
}

/**
 * What a query may name exactly: memories' ids and coordinates, and words and phrases that may be a
 * tag or a speaker, such as "Ada Lovelace", "#release-notes" or "release notes" for `release-notes`.
 */
export function exactNames(query: string): ExactNames {
  const words = query.split(/\s+/u).filter(Boolean).slice(0, MOST_WORDS);
  const plain = words.map((word) => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ''));
  const names = new Set(words.map((word) => word.replace(/^#/, '')));
  for (let first = 0; first < plain.length; first++) {
    for (let count = 1; count <= MOST_WORDS_OF_A_NAME && first + count <= plain.length; count++) {
      const phrase = plain.slice(first, first + count);
      for (const joint of JOINTS) names.add(phrase.join(joint));
    }
  }
  return {
    names: [...names].filter((name) => name !== '' && name.length <= LONGEST_NAME),
    ids: plain.filter(isUuid).map((id) => memoryId(id.toLowerCase())),
    coordinates: words.flatMap(coordinateIn),
  };
}

/** At least two numbers: one alone is more often a number. */
function coordinateIn(word: string): string[] {
  const text = word.replace(/^["'([]+|["')\],.;:!?]+$/g, '');
  if (!/^[-+.\de]+(?:,[-+.\de]+)+$/i.test(text)) return [];
  try {
    return [parseCoordinate(text).text];
  } catch {
    return [];
  }
}
