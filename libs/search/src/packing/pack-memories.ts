import { chooseLines, type Heading, type LineOffer } from './choose-lines.js';
import { type LineStyle, LINE_STYLES } from './formats.js';
import { type MemoryLine, memoryLines } from './memory-lines.js';
import { type Period, periodOf } from './period.js';
import type { AncestorsOf, Packed, PackedPart, PackItem, PackRequest } from './pack-item.js';

/** A line with what it costs, before its number is known. */
interface Offer extends LineOffer {
  readonly line: MemoryLine;
  /** What it says: the short text, or the full one where there was room. */
  readonly text: string;
  readonly period: Period;
}

/**
 * The context that memories make under a budget of tokens: those that say most for their length,
 * the longer of them without the sentences that say least, and these too while there is room.
 * Items come best first. `count` may be any tokenizer; the text never has more than `maxTokens` by it. No memory
 * stands beside one that it is part of. The same input gives the same text.
 */
export function packMemories(
  items: readonly PackItem[],
  request: PackRequest,
  { count, ancestorsOf }: { count: (text: string) => number; ancestorsOf: AncestorsOf },
): Packed {
  const page = new Page(request, items.length, count);
  const lines = memoryLines(items, ancestorsOf, { ...request, count });
  const left = request.maxTokens - page.frameTokens;
  const taken = chooseLines(
    lines.map((line) => page.offer(line)),
    left,
    ancestorsOf,
  );
  let offers = page.lengthened(taken, left);
  // Tokens of lines need not add up to those of the text: the least of them go until it fits.
  for (;;) {
    const packed = page.write(offers);
    if (packed.tokens <= request.maxTokens) return packed;
    if (offers.length === 0) return { text: '', tokens: 0, parts: [] };
    offers = offers.slice(0, -1);
  }
}

/** Writes lines as a request wants them. */
class Page {
  private readonly style: LineStyle;
  private readonly hasHeadings: boolean;

  constructor(
    private readonly request: PackRequest,
    private readonly items: number,
    private readonly count: (text: string) => number,
  ) {
    this.style = LINE_STYLES[request.format];
    this.hasHeadings = this.style.headings !== undefined && request.order === 'time';
  }

  get frameTokens(): number {
    const { open, close } = this.style;
    return [open, close].reduce((sum, line) => sum + (line ? this.count(`${line}\n`) : 0), 0);
  }

  offer(line: MemoryLine, text = line.short): Offer {
    const { best } = line;
    const period = periodOf(best.from, best.to);
    const written = this.lineOf(this.citesOf(line, this.items), text, period);
    return {
      line,
      text,
      period,
      headings: this.headingsOf(period),
      ids: line.items.map(({ id }) => id),
      score: best.score,
      tokens: this.count(`${written}\n`),
    };
  }

  /** What was left out comes back while there is room, in what was taken first to begin with. */
  lengthened(taken: readonly Offer[], maxTokens: number): Offer[] {
    const headings = new Map(
      taken.flatMap((offer) => offer.headings.map(({ key, tokens }) => [key, tokens] as const)),
    );
    let left = maxTokens;
    for (const tokens of headings.values()) left -= tokens;
    for (const { tokens } of taken) left -= tokens;
    return taken.map((offer) => {
      if (offer.line.tooLong || offer.text === offer.line.full) return offer;
      const longer = this.offer(offer.line, offer.line.full);
      if (longer.tokens - offer.tokens > left) return offer;
      left -= longer.tokens - offer.tokens;
      return longer;
    });
  }

  write(offers: readonly Offer[]): Packed {
    const ordered = offers.toSorted(this.request.order === 'time' ? byTime : byScore);
    const { open, close } = this.style;
    const lines = open === undefined || ordered.length === 0 ? [] : [open];
    const parts: PackedPart[] = [];
    const above = new Set<string>();
    let number = 1;
    for (const offer of ordered) {
      for (const { key, text } of offer.headings) {
        if (!above.has(key)) lines.push(text);
        above.add(key);
      }
      const cites = this.citesOf(offer.line, number);
      number += offer.ids.length;
      const line = this.lineOf(cites, offer.text, offer.period);
      lines.push(line);
      parts.push(partOf(offer, cites, this.count(line)));
    }
    if (close !== undefined && ordered.length > 0) lines.push(close);
    const text = lines.join('\n');
    return { text, tokens: this.count(text), parts };
  }

  private headingsOf(period: Period): Heading[] {
    const texts = this.hasHeadings ? (this.style.headings?.(period) ?? []) : [];
    return texts.map((text, at) => ({
      key: texts.slice(0, at + 1).join('\n'),
      text,
      tokens: this.count(`${text}\n`),
    }));
  }

  private lineOf(cites: readonly string[], text: string, { days }: Period): string {
    return this.style.line(cites, text, this.hasHeadings ? undefined : days);
  }

  private citesOf({ items }: MemoryLine, number: number): string[] {
    const inFull = this.request.citations === 'ids';
    return items.map(({ id }, at) => (inFull ? id : String(number + at)));
  }
}

function partOf(
  { line, text, ids, score }: Offer,
  cites: readonly string[],
  tokens: number,
): PackedPart {
  const { tier, from, to } = line.best;
  return { cites, ids, text, tokens, score, tier, from, to, trimmed: text !== line.full };
}

/** Lines of one period stand together, so that each heading is needed once. */
const byTime = ({ period: a, line: { best } }: Offer, { period: b, line }: Offer): number =>
  compared(a.days, b.days) ||
  compared(best.from, line.best.from) ||
  compared(best.id, line.best.id);

const byScore = (a: Offer, b: Offer): number =>
  b.score - a.score || compared(a.line.best.id, b.line.best.id);

const compared = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);
