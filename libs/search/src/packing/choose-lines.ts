import type { AncestorsOf } from './pack-item.js';

/** A line that may be taken. */
export interface LineOffer {
  readonly ids: readonly string[];
  readonly score: number;
  readonly tokens: number;
  /** Lines below one heading pay for it once. */
  readonly headings: readonly Heading[];
}

export interface Heading {
  /** The same for no other. */
  readonly key: string;
  readonly text: string;
  readonly tokens: number;
}

/**
 * How much a line's length counts against it: 1 would fill a context with what is short, 0 with what
 * scores, however long. Between .5 and 1 the difference is within noise (docs/context.md).
 */
const LENGTH_POWER = 0.75;

/**
 * Fills a budget: again and again the line with the greatest `score / tokens ^ 0.75` that still
 * fits, the tokens of its headings counted where it is the first below them. A memory is never taken beside one that
 * it is part of. The earlier of equal offers goes first. Returns the offers taken, in that order.
 */
export function chooseLines<Offer extends LineOffer>(
  offers: readonly Offer[],
  maxTokens: number,
  ancestorsOf: AncestorsOf,
): Offer[] {
  const waiting = new Set(offers);
  const taken: Offer[] = [];
  const headings = new Set<string>();
  const kin = new Kin(ancestorsOf);
  let left = maxTokens;
  const cost = (offer: Offer): number =>
    offer.headings.reduce(
      (sum, { key, tokens }) => sum + (headings.has(key) ? 0 : tokens),
      offer.tokens,
    );
  for (;;) {
    let best: Offer | undefined;
    let greatest = -Infinity;
    for (const offer of waiting) {
      const tokens = cost(offer);
      if (offer.tokens > left || kin.has(offer)) {
        // Neither a budget nor a family ever grows less: it will not be possible later.
        waiting.delete(offer);
        continue;
      }
      const value = offer.score / Math.max(1, tokens) ** LENGTH_POWER;
      if (tokens > left || value <= greatest) continue;
      best = offer;
      greatest = value;
    }
    if (!best) return taken;
    waiting.delete(best);
    taken.push(best);
    left -= cost(best);
    for (const { key } of best.headings) headings.add(key);
    kin.add(best);
  }
}

/** Whom the lines taken are above or below of. */
class Kin {
  private readonly taken = new Set<string>();
  private readonly above = new Set<string>();

  constructor(private readonly ancestorsOf: AncestorsOf) {}

  add({ ids }: LineOffer): void {
    for (const id of ids) {
      this.taken.add(id);
      for (const ancestor of this.ancestorsOf(id)) this.above.add(ancestor);
    }
  }

  has({ ids }: LineOffer): boolean {
    return ids.some(
      (id) =>
        this.above.has(id) ||
        [...this.ancestorsOf(id)].some((ancestor) => this.taken.has(ancestor)),
    );
  }
}
