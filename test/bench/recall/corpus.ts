import type { TenantScope } from '@soma/core';
import { HashEmbedder } from '@soma/embedding';
import { Random } from '../operations/random.ts';

export const DIMENSION = 768;

/**
 * `texts`: made-up notes by the hash embedder, which lie as real ones do: in heaps by what they are
 * about. `random`: directions drawn alike from the whole sphere, the hardest there are for an index,
 * as every vector is about as far from every other.
 */
export const VECTOR_KINDS = ['texts', 'random'] as const;
export type VectorKind = (typeof VECTOR_KINDS)[number];

export interface Corpus {
  readonly vectors: readonly Float32Array[];
  /** None of them is among the vectors. */
  readonly queries: readonly Float32Array[];
}

const TOPICS = 150;
const WORDS_PER_TOPIC = 60;
const COMMON_WORDS = 2_000;
const TOPIC_SHARE = 0.5;
const WORDS_PER_NOTE = 22;
const WORDS_PER_QUERY = 8;
const SYLLABLES = ['ba', 'de', 'fi', 'go', 'ku', 'la', 'me', 'ni', 'po', 'ru', 'sa', 'te', 'vi'];

/** The same vectors for the same seed. */
export async function corpusOf(
  kind: VectorKind,
  scope: TenantScope,
  { vectors, queries, seed }: { vectors: number; queries: number; seed: number },
): Promise<Corpus> {
  const random = new Random(seed);
  if (kind === 'random') {
    const directions = (count: number): Float32Array[] =>
      Array.from({ length: count }, () => random.unitVector(DIMENSION));
    return { vectors: directions(vectors), queries: directions(queries) };
  }
  const embedder = new HashEmbedder(DIMENSION);
  const embedded = (count: number, words: number): Promise<Float32Array[]> =>
    embedder.embed(
      scope,
      Array.from({ length: count }, () => noteOf(random, words)),
    );
  return {
    vectors: await embedded(vectors, WORDS_PER_NOTE),
    queries: await embedded(queries, WORDS_PER_QUERY),
  };
}

/** Words of one topic among common ones, both by Zipf's law. */
function noteOf(random: Random, words: number): string {
  const topic = COMMON_WORDS + random.below(TOPICS) * WORDS_PER_TOPIC;
  return Array.from({ length: words }, () =>
    random.next() < TOPIC_SHARE
      ? wordOf(topic + zipf(random, WORDS_PER_TOPIC))
      : wordOf(zipf(random, COMMON_WORDS)),
  ).join(' ');
}

const zipf = (random: Random, words: number): number => Math.floor(words ** random.next()) - 1;

/** Of two syllables or more, another for each number. */
function wordOf(number: number): string {
  let word = '';
  for (let rest = number + SYLLABLES.length; rest > 0; rest = Math.floor(rest / SYLLABLES.length)) {
    word += SYLLABLES[rest % SYLLABLES.length] ?? '';
  }
  return word;
}
