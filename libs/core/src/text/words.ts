const PLAIN_WORD = /[\p{L}\p{N}]+/gu;
const IDEOGRAPHS = String.raw`[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}ー]`;
const WORD = new RegExp(String.raw`${IDEOGRAPHS}+|(?:(?!${IDEOGRAPHS})[\p{L}\p{N}])+`, 'gu');
/** No script written without spaces lies below these; most texts need no closer look. */
const FROM_HANGUL_ON = /[\u1100-\uffff]/;
const HAS_IDEOGRAPH = new RegExp(IDEOGRAPHS, 'u');

/** Chinese, Japanese and Korean, which are read by pairs of characters. */
export const isIdeographic = (text: string): boolean =>
  FROM_HANGUL_ON.test(text) && HAS_IDEOGRAPH.test(text);

/** Words in lower case; of Chinese, Japanese and Korean every pair of neighbouring characters. */
export function wordsOf(text: string): string[] {
  const lower = text.toLowerCase();
  if (!FROM_HANGUL_ON.test(lower)) return lower.match(PLAIN_WORD) ?? [];
  return (lower.match(WORD) ?? []).flatMap((word) => (isIdeographic(word) ? pairs(word) : [word]));
}

function pairs(run: string): string[] {
  const characters = [...run];
  if (characters.length === 1) return characters;
  return characters.slice(1).map((character, i) => `${characters[i]}${character}`);
}
