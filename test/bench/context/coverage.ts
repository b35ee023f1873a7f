import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { covers } from './content-words.ts';

/** A memory as both sides are judged by: its document's id and text. */
export interface Told {
  id: string;
  text: string;
}

const MARKER = /^(?:\[\d+\])+/;

const tokensOf = (text: string): number => countTokens(text, { disallowedSpecial: new Set() });

/**
 * The plain context: hits in rank order, whole, as lines with the shortest citation there is, no
 * dates, until the budget is full. One that does not fit is passed over for the next that does, which
 * is never worse than stopping there.
 */
export function flatContext(hits: readonly Told[], budget: number): Map<string, string> {
  const lines = new Map<string, string>();
  let left = budget;
  for (const { id, text } of hits) {
    const line = `[${lines.size + 1}] ${text.replaceAll(/\s+/g, ' ').trim()}`;
    const tokens = tokensOf(`${line}\n`);
    if (tokens > left) continue;
    left -= tokens;
    lines.set(id, line);
  }
  return lines;
}

/**
 * Which line of a context cites which document, read from the text alone. Throws when the text has
 * more tokens than the budget.
 */
export function citedLines(
  text: string,
  documents: ReadonlyMap<string, string>,
  budget: number,
): Map<string, string> {
  const tokens = tokensOf(text);
  if (tokens > budget) throw new Error(`a context has ${tokens} tokens, more than ${budget}`);
  const lines = new Map<string, string>();
  for (const line of text.split('\n')) {
    for (const [, cite = ''] of MARKER.exec(line)?.[0].matchAll(/\[(\d+)\]/g) ?? []) {
      const id = documents.get(cite);
      if (id === undefined) throw new Error(`nothing resolves the citation ${cite}: ${line}`);
      lines.set(id, line);
    }
  }
  return lines;
}

/** Share of the evidence that a line citing it tells. Throws when there is no evidence. */
export function coverage(lines: ReadonlyMap<string, string>, evidence: readonly Told[]): number {
  if (evidence.length === 0) throw new Error('a question without evidence cannot be judged');
  const told = evidence.filter(({ id, text }) => covers(lines.get(id) ?? '', text));
  return told.filter(({ id }) => lines.has(id)).length / evidence.length;
}
