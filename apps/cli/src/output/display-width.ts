import Table from 'cli-table3';
import { frameless } from './frameless.js';

const ASCII = /^[\x20-\x7e]*$/;
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const widths = new Map<string, number>();

/** Columns a text takes on a terminal: East Asian letters and most emoji take two. */
export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += graphemeWidth(segment);
  return width;
}

/** The text cut to `limit` columns, ending in … when something is missing. Never cuts a letter. */
export function truncate(text: string, limit: number): string {
  if (text.length <= limit && ASCII.test(text)) return text;
  let shown = '';
  let width = 0;
  let fitting = '';
  for (const { segment } of graphemes.segment(text)) {
    width += graphemeWidth(segment);
    if (width > limit) return `${fitting}…`;
    shown += segment;
    if (width <= limit - 1) fitting = shown;
  }
  return shown;
}

/** Measured by the table library itself, by how far it pads an empty cell below this one. */
function graphemeWidth(grapheme: string): number {
  if (ASCII.test(grapheme)) return grapheme.length;
  const known = widths.get(grapheme);
  if (known !== undefined) return known;
  const table = new Table(frameless(''));
  table.push([grapheme], ['']);
  const width = table.toString().split('\n').at(-1)?.length ?? 0;
  widths.set(grapheme, width);
  return width;
}
