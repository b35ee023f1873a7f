const SURROGATES_FROM = 0xd800;
const SURROGATES_TO = 0xdfff;
const BEYOND_ALL = 0x10000;

/** Moves surrogates above the rest of the 16-bit range, where their code points stand. */
const codePointRank = (unit: number): number =>
  unit >= SURROGATES_FROM && unit <= SURROGATES_TO ? unit + BEYOND_ALL : unit;

/**
 * Orders texts by code points, which is the order of their UTF-8 bytes: what Postgres does under
 * COLLATE "C" and Milvus always. JavaScript's `<` differs from it beyond U+FFFF.
 */
export function compareText(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) return codePointRank(a) - codePointRank(b);
  }
  return left.length - right.length;
}
