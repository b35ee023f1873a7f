/** Texts that one call of an embedder takes well: a deadline, and what a failure costs, is a part's. */
const PART = 250;

/** The texts, or whatever has them, in their order and at most `size` at once. */
export function* inParts<Item>(items: readonly Item[], size = PART): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
