/** Longest run without space or digit that is merged as one; merging takes quadratic time. */
const LONGEST_RUN = 64;

/** Words whose merges the library remembers; its own default lets them grow to 200 MB. */
const REMEMBERED_WORDS = 10_000;

const LONG_RUN = new RegExp(
  String.raw`(?<![^\s\p{N}])[^\s\p{N}]{${LONGEST_RUN + 1},}|(?<!\s)\s{${LONGEST_RUN + 1},}`,
  'gu',
);

/** Cuts before punctuation where there is some: o200k_base never merges across that. */
const CUT = new RegExp(
  String.raw`.{1,${LONGEST_RUN}}(?<=\p{L})(?=[^\s\p{L}\p{M}\p{N}'])|.{1,${LONGEST_RUN}}`,
  'gsu',
);

export type CountTokens = (text: string) => number;

/** Counts tokens of o200k_base. The vocabulary is loaded when first asked for. */
export class TokenCounter {
  private loaded: Promise<CountTokens> | undefined;

  /**
   * A count for any text, in linear time: what looks like a special token counts as the text it
   * is. A run of more than 64 spaces, or signs without space, digit or punctuation, may count a
   * token too many for each 64. The first call takes about 0.25 s and 75 MB.
   */
  load(): Promise<CountTokens> {
    this.loaded ??= loadO200k();
    return this.loaded;
  }
}

async function loadO200k(): Promise<CountTokens> {
  const { countTokens, setMergeCacheSize } = await import('gpt-tokenizer/encoding/o200k_base');
  setMergeCacheSize(REMEMBERED_WORDS);
  const options = { disallowedSpecial: new Set<string>() };
  return (text) => segments(text).reduce((sum, segment) => sum + countTokens(segment, options), 0);
}

/** The text in pieces, cut inside its long runs only. */
export function segments(text: string): string[] {
  const found: string[] = [];
  let start = 0;
  for (const { 0: run, index } of text.matchAll(LONG_RUN)) {
    const [first = '', ...rest] = run.match(CUT) ?? [];
    found.push(text.slice(start, index) + first, ...rest);
    start = index + run.length;
  }
  if (start < text.length) found.push(text.slice(start));
  return found;
}
