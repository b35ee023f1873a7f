import { wordsOf } from '@soma/core';

/** What is compared of a memory. */
export interface Said {
  readonly content: string;
  /** Length 1; empty when there is none, which is like no other. */
  readonly vector: Float32Array;
}

/** A text taken apart for comparing. */
export interface ComparableText extends Said {
  /** But for case and spaces. */
  readonly normalised: string;
  /** Each once, as they first come. */
  readonly words: ReadonlySet<string>;
  readonly numbers: string;
  readonly negations: number;
  /** Words written with a capital, in small letters: names, above all. */
  readonly capitals: readonly string[];
}

/** With their sign and all that stands between digits: dates and times are one. */
const NUMBER = /[-+−]?\p{N}+(?:[.,:/-]\p{N}+)*/gu;
const CAPITALISED = /\p{Lu}[\p{L}\p{M}]*/gu;
/** Of the languages that words are stemmed in; after an apostrophe, `t` is that of don't and isn't. */
const NEGATIONS = new Set(
  (
    'no not never none nor neither cannot without t nicht kein keine keinen nie ohne ne pas jamais sans ' +
    'nunca sin não nem sem non mai senza niet geen nooit ikke aldri inte aldrig не нет никогда без'
  ).split(' '),
);

export function describeText({ content, vector }: Said): ComparableText {
  const words = wordsOf(content);
  return {
    content,
    vector,
    normalised: content.normalize('NFKC').toLowerCase().replaceAll(/\s+/gu, ' ').trim(),
    words: new Set(words),
    numbers: (content.match(NUMBER) ?? []).sort().join(' '),
    negations: words.filter((word) => NEGATIONS.has(word)).length,
    capitals: (content.match(CAPITALISED) ?? []).map((word) => word.toLowerCase()),
  };
}

/**
 * Whether two texts say the same: they are the same but for case and spaces, or are near each other
 * by both measures while nothing that turns a sentence round differs: its numbers, how often it
 * negates, a name in the place of another, or the order of the words in common.
 */
export function saysTheSame(
  a: ComparableText,
  b: ComparableText,
  { minCosine, minWords }: { readonly minCosine: number; readonly minWords: number },
): boolean {
  if (a.normalised === b.normalised) return true;
  return (
    a.numbers === b.numbers &&
    a.negations === b.negations &&
    sharedWords(a, b) >= minWords &&
    !hasOtherName(a, b) &&
    isInOrder(a, b) &&
    cosine(a.vector, b.vector) >= minCosine
  );
}

/** Of two texts without a word: 1. */
export function sharedWords(
  { words: a }: Pick<ComparableText, 'words'>,
  { words: b }: Pick<ComparableText, 'words'>,
): number {
  const common = [...a].filter((word) => b.has(word)).length;
  const all = a.size + b.size - common;
  return all === 0 ? 1 : common / all;
}

/** Of unit vectors; 0 when one is missing. */
export function cosine(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
}

const hasOtherName = (a: ComparableText, b: ComparableText): boolean =>
  a.capitals.some((name) => !b.words.has(name)) && b.capitals.some((name) => !a.words.has(name));

function isInOrder({ words: a }: ComparableText, { words: b }: ComparableText): boolean {
  const ofA = [...a].filter((word) => b.has(word));
  const ofB = [...b].filter((word) => a.has(word));
  return ofA.every((word, at) => word === ofB[at]);
}
