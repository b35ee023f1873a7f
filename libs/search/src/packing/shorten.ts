import { isIdeographic, wordsOf } from '@soma/core';
import { FUNCTION_WORDS, lightStem } from '@soma/embedding';

/** Of a memory's words this share stays, whatever is left out. */
export const KEPT_SHARE = 0.75;
/** A sentence of more characters is cut, so that one without end can be quoted in part. */
const LONGEST_SENTENCE = 400;
const SENTENCE = /(?<=[.!?…]["'”’)]{0,3})\s+|(?<=[。！？])/u;
const GAP = '…';

/** The stems of a text's content words. */
export function stemsOf(text: string): Set<string> {
  return new Set(contentWords(text).map(lightStem));
}

const contentWords = (text: string): string[] =>
  wordsOf(text).filter((word) => !FUNCTION_WORDS.has(word));

/**
 * The text without the sentences that say least for their length ("Wow, that's great!"); those with
 * words of `asked` go last. Of the distinct content words, and of all distinct words, three quarters
 * stay at least.
 */
export function condensed(text: string, asked: ReadonlySet<string>): string {
  const sentences = text.split(SENTENCE);
  if (sentences.length < 2) return text;
  const words = sentences.map(wordsOf);
  const all = new Vocabulary(words);
  const content = new Vocabulary(sentences.map(contentWords));
  const dropped = new Set<number>();
  for (const at of byDensity(sentences, content, asked)) {
    if (!all.canLose(at) || !content.canLose(at)) continue;
    if (dropped.size === sentences.length - 1) break;
    dropped.add(at);
    all.lose(at);
    content.lose(at);
  }
  return sentences.filter((_, at) => !dropped.has(at)).join(isIdeographic(text) ? '' : ' ');
}

/** The distinct words of sentences, as some of these go. */
class Vocabulary {
  readonly bySentence: readonly ReadonlySet<string>[];
  /** In how many of the sentences that are left each word stands. */
  readonly uses = new Map<string, number>();
  private readonly least: number;
  private left: number;

  constructor(words: readonly (readonly string[])[]) {
    this.bySentence = words.map((own) => new Set(own));
    for (const own of this.bySentence) {
      for (const word of own) this.uses.set(word, (this.uses.get(word) ?? 0) + 1);
    }
    this.left = this.uses.size;
    this.least = this.left * KEPT_SHARE;
  }

  canLose(at: number): boolean {
    return this.left - this.onlyIn(at) >= this.least;
  }

  lose(at: number): void {
    this.left -= this.onlyIn(at);
    for (const word of this.bySentence[at] ?? [])
      this.uses.set(word, (this.uses.get(word) ?? 0) - 1);
  }

  private onlyIn(at: number): number {
    return [...(this.bySentence[at] ?? [])].filter((word) => this.uses.get(word) === 1).length;
  }
}

/** Sentences by what each adds to the others for its length, least first. */
function byDensity(
  sentences: readonly string[],
  content: Vocabulary,
  asked: ReadonlySet<string>,
): number[] {
  const density = sentences.map((sentence, at) => {
    const own = [...(content.bySentence[at] ?? [])];
    const adds = own.reduce((sum, word) => sum + 1 / (content.uses.get(word) ?? 1), 0);
    const hits = own.filter((word) => asked.has(lightStem(word))).length;
    return (adds * (1 + hits)) / (sentence.length + 1);
  });
  return [...density.keys()].sort((a, b) => (density[a] ?? 0) - (density[b] ?? 0) || b - a);
}

/**
 * Of a text too long to stand whole, the sentences with most words of `asked`, the earlier first,
 * that together have at most `maxTokens`; in their order, with a mark where something is missing.
 * Empty when not even one fits.
 */
export function excerpt(
  text: string,
  asked: ReadonlySet<string>,
  maxTokens: number,
  count: (text: string) => number,
): string {
  const sentences = text.split(SENTENCE).flatMap(inPieces);
  const hits = sentences.map(
    (sentence) => [...stemsOf(sentence)].filter((s) => asked.has(s)).length,
  );
  const best = [...hits.keys()].sort((a, b) => (hits[b] ?? 0) - (hits[a] ?? 0) || a - b);
  const chosen = new Set<number>();
  let left = maxTokens - count(GAP);
  for (const at of best) {
    const cost = count(` ${sentences[at]} ${GAP}`);
    if (cost > left) continue;
    chosen.add(at);
    left -= cost;
  }
  const told: string[] = [];
  for (const [at, sentence] of sentences.entries()) {
    if (chosen.has(at)) told.push(sentence);
    else if (told.at(-1) !== GAP) told.push(GAP);
  }
  return chosen.size > 0 ? told.join(' ') : '';
}

function inPieces(sentence: string): string[] {
  if (sentence.length <= LONGEST_SENTENCE) return [sentence];
  const pieces = sentence.match(/.{1,400}(?:\s+|$)|.{1,400}/gsu) ?? [];
  return pieces.map((piece) => piece.trim()).filter(Boolean);
}
