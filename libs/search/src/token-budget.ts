export interface TokenBudget {
  /** How many of the texts fit, from the first. */
  readonly fitting: number;
  /** Of those that fit, together. */
  readonly tokens: number;
}

/**
 * The texts that together have at most `maxTokens`, in their order: ends before the first that
 * would exceed, so that what is left out is always less relevant than what is there.
 */
export function withinTokens(
  texts: readonly string[],
  maxTokens: number,
  count: (text: string) => number,
): TokenBudget {
  let tokens = 0;
  for (const [at, text] of texts.entries()) {
    const needed = count(text);
    if (tokens + needed > maxTokens) return { fitting: at, tokens };
    tokens += needed;
  }
  return { fitting: texts.length, tokens };
}
