import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TenantScope } from '@soma/core';
import { Embedder } from './embedder.js';
import { hashEnd, hashOn, hashStart } from './feature-hash.js';
import { textFeatures, type FeatureCount } from './text-features.js';
import { unitVector } from './unit-vector.js';

export const HASH_DIMENSION = 768;
const WHOLE_TEXT_FAMILY = 0;
const TEXTS_PER_TURN = 128;
const SIGN_BIT = 0x80000000;

/**
 * Vectors by signed feature hashing (Weinberger et al. 2009): no model, no network, no state.
 * A pure function of the text, the same on every machine whose Unicode tables know its characters.
 *
 * 1. NFKC, then lower case. Tokens: runs of letters, digits and marks; each Chinese or Japanese
 *    character by itself; each symbol such as an emoji or `€`. A text without any of these is taken
 *    character by character.
 * 2. Features `f` with weight `w(f)` (FEATURE_WEIGHTS): word stems 1 (English function words 0.2);
 *    pairs of neighbouring words 0.2 (0.05 with a function word, 1 for two Chinese or Japanese
 *    characters); every run of 2, 3 and 4 UTF-16 code units inside a word that is not a function
 *    word 0.3.
 * 3. `h(f)`: FNV-1a, 32 bits, over the family's number (word 1, function word 2, pair 3, run 4) and
 *    the code units, low byte first; a pair is both stems with a space between. Finished by
 *    MurmurHash3's fmix32.
 * 4. `v[(h mod 2^31) mod dimension] += (h < 2^31 ? 1 : -1) * w(f) * sqrt(tf(f))` in double
 *    precision, features in the order of their first occurrence; then L2-normalised to float32.
 *    A square root, unlike a logarithm, is rounded the same way by every processor.
 *
 * Every text has a vector: a blank one, and one whose features cancel out, has a single 1 or -1
 * at the place given by `h` of the whole text.
 */
export class HashEmbedder extends Embedder {
  readonly model: string;
  readonly isSemantic = false;

  constructor(readonly dimension: number = HASH_DIMENSION) {
    super();
    if (!Number.isInteger(dimension) || dimension < 1) {
      throw new RangeError(`A hash vector has a whole number of dimensions, not ${dimension}.`);
    }
    this.model = `hash-v1:${dimension}`;
  }

  /** Lets other work run between every 128 texts. */
  async embed(_scope: TenantScope, texts: readonly string[]): Promise<Float32Array[]> {
    const vectors: Float32Array[] = [];
    for (const text of texts) {
      vectors.push(this.vectorOf(text));
      if (vectors.length % TEXTS_PER_TURN === 0) await nextTurn();
    }
    return vectors;
  }

  private vectorOf(text: string): Float32Array {
    const sums = new Float64Array(this.dimension);
    for (const [hash, feature] of textFeatures(text)) this.add(sums, hash, value(feature));
    return unitVector(sums) ?? this.wholeTextVector(text);
  }

  private wholeTextVector(text: string): Float32Array {
    const vector = new Float64Array(this.dimension);
    this.add(vector, hashEnd(hashOn(hashStart(WHOLE_TEXT_FAMILY), text)), 1);
    return Float32Array.from(vector);
  }

  private add(sums: Float64Array, hash: number, amount: number): void {
    const place = (hash % SIGN_BIT) % this.dimension;
    sums[place] = (sums[place] ?? 0) + (hash < SIGN_BIT ? amount : -amount);
  }
}

const value = ({ count, weight }: FeatureCount): number => weight * Math.sqrt(count);
