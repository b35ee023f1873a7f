import { randomInt } from 'node:crypto';

const WORDS =
  'agent answer bridge cloud coffee daily engine forest garden harbour invoice journey kettle ladder market notebook ocean paper quarter river station ticket umbrella village window yellow'.split(
    ' ',
  );

/** A text that one search for its first word must find, and nothing else has that word. */
export function uniqueText(): { marker: string; content: string } {
  const letters = Array.from({ length: 14 }, () => String.fromCharCode(97 + randomInt(26)));
  const marker = `zq${letters.join('')}`;
  const words = Array.from({ length: 8 }, () => WORDS[randomInt(WORDS.length)]);
  return { marker, content: `${marker} ${words.join(' ')}` };
}
