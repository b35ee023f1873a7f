const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** The state of a hash that has read nothing but its family: hashes of two families differ. */
export function hashStart(family: number): number {
  return Math.imul(FNV_OFFSET ^ family, FNV_PRIME);
}

/** FNV-1a, 32 bits, over the UTF-16 code units `start` to `end`, low byte before high byte. */
export function hashOn(state: number, text: string, start = 0, end = text.length): number {
  let hash = state;
  for (let i = start; i < end; i++) {
    const unit = text.charCodeAt(i);
    hash = Math.imul(hash ^ (unit & 0xff), FNV_PRIME);
    hash = Math.imul(hash ^ (unit >>> 8), FNV_PRIME);
  }
  return hash;
}

/** MurmurHash3's 32-bit finaliser, which FNV needs for its upper bits to be even; 0 to 2^32 - 1. */
export function hashEnd(state: number): number {
  let hash = state ^ (state >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
