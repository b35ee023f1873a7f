/** How far what a memory says may be relied on, 0 to 1; what nothing is said of is trusted. */
export const FULL_TRUST = 1;

/**
 * Trust of what is made out of sources: that of the least trusted, so it never rises on the way.
 * What is made out of nothing has none.
 * @throws RangeError for a trust that is not between 0 and 1.
 */
export function derivedTrust(sources: Iterable<{ readonly trust: number }>): number {
  let least: number | undefined;
  for (const { trust } of sources) {
    if (!(trust >= 0 && trust <= FULL_TRUST)) {
      throw new RangeError(`Trust is between 0 and ${FULL_TRUST}, not ${trust}.`);
    }
    least = Math.min(least ?? trust, trust);
  }
  return least ?? 0;
}
