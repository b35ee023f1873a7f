/** How large a client's filter may be; beyond these it is FILTER_INVALID. */
export const FILTER_LIMITS = {
  /** Levels of `and`, `or` and `not` inside each other. */
  depth: 8,
  /** Comparisons in the whole filter. */
  terms: 64,
  /** Values of one `in`, `nin`, `any` or `all`. */
  listValues: 100,
  /** Values in all of its comparisons together: each is compared with each memory. */
  values: 500,
  /** Keys of one `metadata.a.b.c`. */
  pathSegments: 8,
  /** Characters (code points) of one such key. */
  segmentCharacters: 64,
} as const;
