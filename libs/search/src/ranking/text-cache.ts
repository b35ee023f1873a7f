import { isIdeographic, wordsOf } from '@soma/core';
import { FUNCTION_WORDS, lightStem } from '@soma/embedding';
import { has, questionShare, speaksOfSelf } from './text-cues.js';

const SHORTEST = 3;
/** Stems get numbers; so many are known before all is forgotten and begun again. */
const MOST_STEMS = 250_000;

/** Distinct stems of a text by number, and how often each occurs. */
export interface CountedStems {
  readonly stems: Uint32Array;
  readonly counts: Uint32Array;
  readonly length: number;
}

/** What ranking reads out of one text, each part when first asked for. */
export interface ReadText {
  readonly question: number;
  readonly time: boolean;
  readonly number: boolean;
  readonly name: boolean;
  readonly self: boolean;
  readonly counted: CountedStems;
}

/**
 * Remembers what was read out of texts, for half of `capacity` texts last used at
 * least, for `capacity` at most. It changes how long
 * ranking takes, never what it gives. It keeps those texts in memory: one for each process.
 */
export class TextCache {
  /** Two generations, so that a text in use need not be moved at every use. */
  private recent = new Map<string, ReadText>();
  private older = new Map<string, ReadText>();
  private readonly numbers = new Map<string, number>();
  private readonly byWord = new Map<string, number>();

  constructor(private readonly capacity = 8_192) {}

  /** Numbers of stems lie below this. */
  get stems(): number {
    return this.numbers.size;
  }

  /** Texts it holds, those held twice counted twice. */
  get size(): number {
    return this.recent.size + this.older.size;
  }

  /** To be called before a query's first `read`: numbers stay the same until it is called again. */
  begin(): void {
    if (this.byWord.size < MOST_STEMS) return;
    this.recent = new Map();
    this.older = new Map();
    this.numbers.clear();
    this.byWord.clear();
  }

  read(text: string): ReadText {
    const known = this.recent.get(text);
    if (known) return known;
    const read = this.older.get(text) ?? new LazyText(text, this);
    if (this.recent.size >= this.capacity / 2) {
      this.older = this.recent;
      this.recent = new Map();
    }
    this.recent.set(text, read);
    return read;
  }

  /** Numbers of the text's stems; words that carry no meaning and very short ones are left out. */
  numbersOf(text: string): number[] {
    const numbers: number[] = [];
    for (const word of wordsOf(text)) {
      const number = this.byWord.get(word) ?? this.learn(word);
      if (number >= 0) numbers.push(number);
    }
    return numbers;
  }

  private learn(word: string): number {
    const counts = !FUNCTION_WORDS.has(word) && (word.length >= SHORTEST || isIdeographic(word));
    const number = counts ? this.intern(lightStem(word)) : -1;
    this.byWord.set(word, number);
    return number;
  }

  private intern(stem: string): number {
    const known = this.numbers.get(stem);
    if (known !== undefined) return known;
    this.numbers.set(stem, this.numbers.size);
    return this.numbers.size - 1;
  }
}

class LazyText implements ReadText {
  constructor(
    private readonly text: string,
    private readonly cache: TextCache,
  ) {}

  get question(): number {
    return this.keep('question', questionShare(this.text));
  }

  get time(): boolean {
    return this.keep('time', has.time(this.text));
  }

  get number(): boolean {
    return this.keep('number', has.number(this.text));
  }

  get name(): boolean {
    return this.keep('name', has.name(this.text));
  }

  get self(): boolean {
    return this.keep('self', speaksOfSelf(this.text));
  }

  get counted(): CountedStems {
    return this.keep('counted', countedOf(this.cache.numbersOf(this.text)));
  }

  /** From now on the value itself stands where the getter stood. */
  private keep<Value>(part: keyof ReadText, value: Value): Value {
    Object.defineProperty(this, part, { value });
    return value;
  }
}

function countedOf(numbers: readonly number[]): CountedStems {
  const counted = new Map<number, number>();
  for (const number of numbers) counted.set(number, (counted.get(number) ?? 0) + 1);
  return {
    stems: Uint32Array.from(counted.keys()),
    counts: Uint32Array.from(counted.values()),
    length: numbers.length,
  };
}
