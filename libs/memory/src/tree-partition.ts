/** Composition (NFC) replaces this sign, so that no name of a client ends with it. */
const SIGN = '\u212b';

/**
 * Where the vectors of a namespace's derived memories stand in the index: beside its own, so that a
 * search meets them only when it asks for them.
 */
export const treePartition = (namespace: string): string => namespace + SIGN;
