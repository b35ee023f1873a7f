import type { NewMemory } from '../contract.ts';
import { Random } from './random.ts';

export const NAMESPACE = 'bench';
export const DIMENSION = 768;

const VOCABULARY = 3000;
const WORDS_PER_MEMORY = 40;
const WORDS_PER_QUERY = 6;
const SESSION_LENGTH = 20;
const WALK = 4;
const CONSONANTS = 'bdfgklmnprstvz';
const VOWELS = 'aeiou';

/** What both sides store: the memory for the service, the same bytes and a vector for an engine. */
export interface WorkItem {
  memory: NewMemory & { coord: string };
  vector: Float32Array;
  importance: number;
  /** Positions of the earlier items it is linked to. */
  links: number[];
}

export interface WorkQuery {
  text: string;
  vector: Float32Array;
}

/**
 * An endless stream of made-up memories, questions and walks, the same for the same seed. Texts
 * follow Zipf's law over a made-up vocabulary, so posting lists are as uneven as a language's;
 * every memory is linked to the one before it and to an earlier one at random.
 */
export class Workload {
  readonly items: WorkItem[] = [];
  readonly #random: Random;
  readonly #words: string[];
  #made = 0;

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.#words = Array.from({ length: VOCABULARY }, (_, rank) => this.#word(rank));
  }

  /** Makes one more memory to load; the links of item i lead to items before i. */
  add(): WorkItem {
    const position = this.items.length;
    const links = position === 0 ? [] : [...new Set([position - 1, this.#random.below(position)])];
    const item = this.#item(links);
    this.items.push(item);
    return item;
  }

  /** A memory without links, to be stored while storing is timed. */
  fresh(): WorkItem {
    return this.#item([]);
  }

  query(): WorkQuery {
    return { text: this.#text(WORDS_PER_QUERY), vector: this.#random.unitVector(DIMENSION) };
  }

  /** Position of one of the first `end` items. */
  position(end: number): number {
    return this.#random.below(end);
  }

  /** Two positions among the first `end`, the second at most four links behind the first. */
  walk(end: number): { from: number; to: number } {
    const from = this.#random.below(end - 1) + 1;
    let to = from;
    for (let step = 0; step < WALK; step++) {
      const links = this.items[to]?.links ?? [];
      to = links[this.#random.below(links.length)] ?? to;
    }
    return to === from ? this.walk(end) : { from, to };
  }

  #item(links: number[]): WorkItem {
    const position = this.#made++;
    const importance = Math.round(this.#random.next() * 1000) / 1000;
    return {
      memory: {
        coord: coordOf(position),
        namespace: NAMESPACE,
        content: this.#text(WORDS_PER_MEMORY),
        payload: { step: position, actor: this.#word(position % 50), ok: true },
        metadata: { batch: position % 7 },
        importance,
        session_id: `session-${Math.floor(position / SESSION_LENGTH)}`,
        links: links.map((to) => ({ to_coord: coordOf(to), link_type: 'related', strength: 0.9 })),
      },
      vector: this.#random.unitVector(DIMENSION),
      importance,
      links,
    };
  }

  #text(words: number): string {
    return Array.from({ length: words }, () => {
      const rank = Math.floor(VOCABULARY ** this.#random.next()) - 1;
      return this.#words[rank] ?? '';
    }).join(' ');
  }

  #word(rank: number): string {
    let word = '';
    for (let rest = rank + 70; rest > 0; rest = Math.floor(rest / 70)) {
      const syllable = rest % 70;
      word += `${CONSONANTS[syllable % 14]}${VOWELS[Math.floor(syllable / 14)]}`;
    }
    return word;
  }
}

export function coordOf(position: number): string {
  return `${position},0,1`;
}
