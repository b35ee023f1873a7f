/** How a server's `not` treats a comparison with a JSON key that is missing or of another type. */
export type FilterLogic =
  /** Such a comparison is false, so its negation true. */
  | 'two-valued'
  /** It may be unknown, and so its negation too. */
  | 'unsure';

export interface ServerFeatures {
  readonly version: string;
  readonly indexType: 'HNSW' | 'FLAT';
  readonly filterLogic: FilterLogic;
}

const RELEASE = /^v?(\d+)\.(\d+)\./;

/**
 * What may be asked of a server of this version: only what was measured. The embedded Milvus Lite
 * calls itself `milvus_lite-3.2.2` (while `v2.3.5-lite` is a full server in a small package); its
 * HNSW ignores most of a long result, and its filters have three values.
 */
export function serverFeatures(version: string): ServerFeatures {
  const release = RELEASE.exec(version);
  const isTwoValued = release?.[1] === '2' && release[2] === '3';
  return {
    version,
    indexType: release ? 'HNSW' : 'FLAT',
    filterLogic: isTwoValued ? 'two-valued' : 'unsure',
  };
}
