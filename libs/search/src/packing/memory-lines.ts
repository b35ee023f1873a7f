import { wordsOf } from '@soma/core';
import { withoutSpeaker } from '../ranking/text-cues.js';
import type { AncestorsOf, PackItem } from './pack-item.js';
import { safeLine } from './safe-line.js';
import { condensed, excerpt, stemsOf } from './shorten.js';

/** One line cites at most so many memories that say the same. */
const MOST_CITED = 4;
/** A memory that needs more than this share of the budget is quoted in part. */
const LARGEST_SHARE = 0.5;
/** Characters a token stands for at the very most in text; a longer memory is not even counted. */
const CHARACTERS_PER_TOKEN = 12;
/** Of a memory quoted in part, this much is read, as ranking does. */
const READ_CHARACTERS = 8_000;

/** What one line may say. */
export interface MemoryLine {
  /** The first of `items`. */
  readonly best: PackItem;
  /** All that say it. */
  readonly items: readonly PackItem[];
  /** Word for word, but for `safeLine`. */
  readonly full: string;
  /** Shorter, or the same. */
  readonly short: string;
  /** `full` is more than a context may give to one memory. */
  readonly tooLong: boolean;
}

export interface ShorteningRules {
  readonly query: string;
  readonly maxTokens: number;
  readonly whole: boolean;
  readonly count: (text: string) => number;
}

/**
 * The lines that memories make, best first: those with the same words make one line, unless one is
 * part of the other. A blank memory makes none.
 */
export function memoryLines(
  items: readonly PackItem[],
  ancestorsOf: AncestorsOf,
  rules: ShorteningRules,
): MemoryLine[] {
  const asked = stemsOf(rules.query);
  return sayingTheSame(items, ancestorsOf).flatMap((same): MemoryLine[] => {
    const [best] = same;
    const line = best && lineOf(best, asked, rules);
    return line && line.short !== '' ? [{ best, items: same, ...line }] : [];
  });
}

function lineOf(
  { content, speaker }: PackItem,
  asked: ReadonlySet<string>,
  { maxTokens, whole, count }: ShorteningRules,
): Omit<MemoryLine, 'items' | 'best'> {
  const most = Math.floor(maxTokens * LARGEST_SHARE);
  const mayBeCounted = content.length <= maxTokens * CHARACTERS_PER_TOKEN;
  const body = safeLine(withoutSpeaker(mayBeCounted ? content : startOf(content), speaker));
  const said = speaker === undefined ? '' : `${safeLine(speaker)}: `;
  const told = (text: string): string => safeLine(said + text);
  if (body === '') return { full: '', short: '', tooLong: false };
  const full = told(body);
  if (whole) return { full, short: mayBeCounted ? full : '', tooLong: false };
  if (mayBeCounted && count(full) <= most)
    return { full, short: told(condensed(body, asked)), tooLong: false };
  const part = excerpt(startOf(body), asked, most - count(said), count);
  return { full, short: part === '' ? '' : told(part), tooLong: true };
}

const startOf = (text: string): string => text.slice(0, READ_CHARACTERS).toWellFormed();

function sayingTheSame(items: readonly PackItem[], ancestorsOf: AncestorsOf): PackItem[][] {
  const groups = new Map<string, PackItem[]>();
  for (const item of items) {
    const words = wordsOf(told(item)).join(' ');
    const key = words === '' ? item.id : words;
    const group = groups.get(key);
    if (!group) groups.set(key, [item]);
    else if (group.length < MOST_CITED && !group.some((other) => isKin(item, other, ancestorsOf))) {
      group.push(item);
    }
  }
  return [...groups.values()];
}

const told = ({ content, speaker }: PackItem): string =>
  `${speaker ?? ''}: ${withoutSpeaker(content, speaker)}`;

function isKin(a: PackItem, b: PackItem, ancestorsOf: AncestorsOf): boolean {
  return [...ancestorsOf(a.id)].includes(b.id) || [...ancestorsOf(b.id)].includes(a.id);
}
