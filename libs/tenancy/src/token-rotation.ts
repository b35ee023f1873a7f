/** Longest time for which two secrets of one token are good: a week. */
export const MAX_OVERLAP_SECONDS = 604_800;
