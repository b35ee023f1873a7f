const ENGLISH_LETTERS = /^[a-z]{4,}$/;

/**
 * Joins the commonest forms of an English word (`hike`, `hikes`, `hiked`, `hiking` give `hik`).
 * In turn: `-ies` to `-y`, or a plural `-s` off; `-ing` or `-ed` off; a final `e` off, `y` to `i`,
 * a doubled consonant halved (but `l`, `s` and `z`). What is left has two letters at least; words
 * of up to three letters, or with other characters than a to z, stay as they are.
 */
export function lightStem(word: string): string {
  return ENGLISH_LETTERS.test(word) ? withoutEnding(withoutSuffix(singular(word))) : word;
}

function singular(word: string): string {
  if (word.endsWith('ies') && word.length > 4) return `${word.slice(0, -3)}y`;
  if (word.endsWith('sses')) return word.slice(0, -2);
  return /[^sui]s$/.test(word) ? word.slice(0, -1) : word;
}

function withoutSuffix(word: string): string {
  if (word.length > 5 && word.endsWith('ing')) return word.slice(0, -3);
  return word.length > 4 && word.endsWith('ed') ? word.slice(0, -2) : word;
}

function withoutEnding(word: string): string {
  if (word.length <= 3) return word;
  if (word.endsWith('e')) return withoutDouble(word.slice(0, -1));
  if (word.endsWith('y')) return `${word.slice(0, -1)}i`;
  return withoutDouble(word);
}

function withoutDouble(word: string): string {
  return word.length > 3 && /([^lsz])\1$/.test(word) ? word.slice(0, -1) : word;
}
