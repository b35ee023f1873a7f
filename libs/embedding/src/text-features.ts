import { hashEnd, hashOn, hashStart } from './feature-hash.js';
import { FUNCTION_WORDS } from './function-words.js';
import { lightStem } from './light-stem.js';

/** What one occurrence weighs, by kind of feature. */
export const FEATURE_WEIGHTS = {
  word: 1,
  functionWord: 0.2,
  pair: 0.2,
  pairWithFunctionWord: 0.05,
  ideographPair: 1,
  gram: 0.3,
} as const;

/** The families, which no two features of different kinds share: numbers 1 to 4. */
const STARTS = {
  word: hashStart(1),
  functionWord: hashStart(2),
  pair: hashStart(3),
  gram: hashStart(4),
};
const BETWEEN_PAIR = ' ';
const GRAM_LENGTHS = [2, 3, 4] as const;

const IDEOGRAPH = String.raw`[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]`;
const TOKEN = new RegExp(
  String.raw`${IDEOGRAPH}|(?:(?!${IDEOGRAPH})[\p{L}\p{N}]\p{M}*)+|[\p{So}\p{Sc}]`,
  'gu',
);
const IS_IDEOGRAPH = new RegExp(IDEOGRAPH, 'u');

/** How often a feature occurs, and what one occurrence weighs. */
export interface FeatureCount {
  count: number;
  readonly weight: number;
}

interface Token {
  readonly text: string;
  readonly stem: string;
  readonly isFunctionWord: boolean;
  readonly isIdeograph: boolean;
}

/** The features of a text by their 32-bit hash, in the order they first occur. */
export function textFeatures(text: string): Map<number, FeatureCount> {
  const features = new FeatureCounter();
  const normal = text.normalize('NFKC').toLowerCase();
  let previous: Token | undefined;
  for (const match of normal.match(TOKEN) ?? normal.match(/\S/gu) ?? []) {
    const token = tokenOf(match);
    countWord(features, token);
    if (previous) countPair(features, previous, token);
    previous = token;
  }
  return features.counts;
}

class FeatureCounter {
  readonly counts = new Map<number, FeatureCount>();

  add(state: number, weight: number): void {
    const hash = hashEnd(state);
    const known = this.counts.get(hash);
    if (known) known.count++;
    else this.counts.set(hash, { count: 1, weight });
  }
}

function tokenOf(text: string): Token {
  const isFunctionWord = FUNCTION_WORDS.has(text);
  return {
    text,
    stem: isFunctionWord ? text : lightStem(text),
    isFunctionWord,
    isIdeograph: IS_IDEOGRAPH.test(text),
  };
}

function countWord(features: FeatureCounter, { text, stem, isFunctionWord }: Token): void {
  if (isFunctionWord) {
    features.add(hashOn(STARTS.functionWord, text), FEATURE_WEIGHTS.functionWord);
    return;
  }
  features.add(hashOn(STARTS.word, stem), FEATURE_WEIGHTS.word);
  for (const length of GRAM_LENGTHS) {
    for (let end = length; end <= text.length; end++) {
      features.add(hashOn(STARTS.gram, text, end - length, end), FEATURE_WEIGHTS.gram);
    }
  }
}

function countPair(features: FeatureCounter, left: Token, right: Token): void {
  const joined = hashOn(hashOn(STARTS.pair, left.stem), BETWEEN_PAIR);
  features.add(hashOn(joined, right.stem), pairWeight(left, right));
}

function pairWeight(left: Token, right: Token): number {
  if (left.isIdeograph && right.isIdeograph) return FEATURE_WEIGHTS.ideographPair;
  return left.isFunctionWord || right.isFunctionWord
    ? FEATURE_WEIGHTS.pairWithFunctionWord
    : FEATURE_WEIGHTS.pair;
}
