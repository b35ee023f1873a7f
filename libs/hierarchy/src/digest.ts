import { splitSentences, wordsOf } from '@soma/core';

export interface DigestSource {
  readonly id: string;
  readonly text: string;
  readonly speaker: string | undefined;
  /** Episodes it stands for. */
  readonly weight: number;
}

export interface DigestSentence {
  readonly text: string;
  /** The source it was taken from. */
  readonly source: string;
}

export interface Digest {
  readonly text: string;
  readonly sentences: readonly DigestSentence[];
}

/** What likeness to a chosen sentence costs beside nearness to the centre. */
const REDUNDANCY = 0.6;
/** Characters of all sources that are read, in equal shares; of each not fewer than these. */
const READ = 64_000;
const READ_OF_EACH = 1_000;
/** Sentences of all sources, in equal shares; of each not fewer than these. The rest of a source is one. */
const SENTENCES = 2_000;
const SENTENCES_OF_EACH = 32;
/** What goes on longer without an end is taken in pieces, cut between words where there are any. */
const LONGEST_SENTENCE = 400;
const PIECE = new RegExp(
  `\\S(?:[^]{0,${LONGEST_SENTENCE - 2}}\\S)?(?=\\s|$)|[^]{1,${LONGEST_SENTENCE}}`,
  'gu',
);

/**
 * An extractive digest: the sentences nearest the centre of all words of the sources, each chosen
 * for what it adds to those chosen before (maximal marginal relevance, Carbonell and Goldstein 1998)
 * until the next would pass `maxTokens`, told in the order of the sources. Every sentence is one of
 * a source, word for word, with its speaker named where that changes. The first chosen is there even
 * if it alone is too long, cut at a word; so only blank sources give an empty digest. The same
 * sources in the same order give the same digest. Of long sources the beginnings are read: together
 * 64,000 characters, or 1,000 of each.
 */
export function extractDigest(
  sources: readonly DigestSource[],
  maxTokens: number,
  countTokens: (text: string) => number,
): Digest {
  const share = (all: number, least: number): number =>
    Math.max(least, Math.floor(all / sources.length));
  const reading = {
    characters: share(READ, READ_OF_EACH),
    sentences: share(SENTENCES, SENTENCES_OF_EACH),
  };
  const sentences = sources.flatMap((source) => sentencesOf(source, reading));
  const chosen = chooseSentences(sentences, maxTokens, countTokens);
  const [first] = chosen;
  if (chosen.length === 1 && first && countTokens(first.told) > maxTokens) {
    const text = shortened(first.told, maxTokens, countTokens);
    return { text, sentences: [{ text, source: first.source }] };
  }
  const isChosen = new Set(chosen);
  const inOrder = sentences
    .filter((sentence) => isChosen.has(sentence))
    .map(({ source, said, told, speaker }, at, all) => ({
      source,
      text: at > 0 && all[at - 1]?.speaker === speaker ? said : told,
      speaker,
    }));
  return {
    text: inOrder.map(({ text }) => text).join(' '),
    sentences: inOrder.map(({ text, source }) => ({ text, source })),
  };
}

interface Sentence {
  readonly source: string;
  readonly speaker: string | undefined;
  readonly said: string;
  /** With the speaker before it. */
  readonly told: string;
  readonly weight: number;
  readonly frequencies: ReadonlyMap<string, number>;
}

function sentencesOf(
  { id, text, speaker, weight }: DigestSource,
  most: { readonly characters: number; readonly sentences: number },
): Sentence[] {
  const prefix = speaker === undefined ? '' : `${speaker}: `;
  const body = prefix !== '' && text.startsWith(prefix) ? text.slice(prefix.length) : text;
  const start = body.slice(0, most.characters).toWellFormed();
  return splitSentences(start, most.sentences)
    .flatMap(piecesOf)
    .map((said) => ({
      source: id,
      speaker,
      said,
      told: prefix + said,
      weight,
      frequencies: frequenciesOf(said),
    }));
}

const piecesOf = (said: string): string[] =>
  said.length <= LONGEST_SENTENCE
    ? [said]
    : (said.match(PIECE) ?? []).map((piece) => piece.trim()).filter((piece) => piece !== '');

function chooseSentences(
  sentences: readonly Sentence[],
  maxTokens: number,
  countTokens: (text: string) => number,
): Sentence[] {
  const rarity = raritiesOf(sentences);
  const vectors = sentences.map(({ frequencies }) => unit(frequencies, rarity));
  const centre = sumOf(vectors, sentences);
  let waiting = sentences.map((sentence, at) => {
    const vector = vectors[at] ?? new Map<string, number>();
    const cost = countTokens(` ${sentence.told}`);
    return { sentence, vector, cost, near: dot(vector, centre), like: 0 };
  });
  const chosen: Sentence[] = [];
  let left = maxTokens;
  while (waiting.length > 0) {
    const best = waiting.reduce((a, b) =>
      b.near - REDUNDANCY * b.like > a.near - REDUNDANCY * a.like ? b : a,
    );
    chosen.push(best.sentence);
    left -= best.cost;
    waiting = waiting.filter((other) => other !== best && other.cost <= left);
    for (const other of waiting) other.like = Math.max(other.like, dot(other.vector, best.vector));
  }
  return chosen;
}

type WordVector = ReadonlyMap<string, number>;

function frequenciesOf(text: string): WordVector {
  const counts = new Map<string, number>();
  for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** log(1 + sentences / those with the word), for each word. */
function raritiesOf(sentences: readonly Sentence[]): WordVector {
  const having = new Map<string, number>();
  for (const { frequencies } of sentences) {
    for (const word of frequencies.keys()) having.set(word, (having.get(word) ?? 0) + 1);
  }
  return new Map([...having].map(([word, n]) => [word, Math.log(1 + sentences.length / n)]));
}

function unit(frequencies: WordVector, rarity: WordVector): WordVector {
  const weighed = [...frequencies].map(
    ([word, n]) => [word, (1 + Math.log(n)) * (rarity.get(word) ?? 0)] as const,
  );
  const length = Math.hypot(...weighed.map(([, weight]) => weight)) || 1;
  return new Map(weighed.map(([word, weight]) => [word, weight / length]));
}

function sumOf(vectors: readonly WordVector[], sentences: readonly Sentence[]): WordVector {
  const sum = new Map<string, number>();
  for (const [at, vector] of vectors.entries()) {
    const weight = sentences[at]?.weight ?? 1;
    for (const [word, value] of vector) sum.set(word, (sum.get(word) ?? 0) + weight * value);
  }
  const length = Math.hypot(...sum.values()) || 1;
  return new Map([...sum].map(([word, value]) => [word, value / length]));
}

function dot(a: WordVector, b: WordVector): number {
  let sum = 0;
  for (const [word, value] of a) sum += value * (b.get(word) ?? 0);
  return sum;
}

function shortened(text: string, maxTokens: number, countTokens: (text: string) => number): string {
  const words = text.split(' ');
  let [kept, tooMany] = [1, words.length];
  while (tooMany - kept > 1) {
    const half = Math.floor((kept + tooMany) / 2);
    if (countTokens(words.slice(0, half).join(' ')) > maxTokens) tooMany = half;
    else kept = half;
  }
  return words.slice(0, kept).join(' ');
}
