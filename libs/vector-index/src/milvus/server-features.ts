/** How a server reads filters, as far as it was measured. */
export interface FilterDialect {
  /**
   * What `not` makes of a comparison with a JSON key that is missing or of another type:
   * `two-valued` makes it true, `unsure` may leave it unknown.
   */
  readonly logic: 'two-valued' | 'unsure';
  /** Whether a JSON key may be compared with a list. */
  readonly hasJsonLists: boolean;
}

export interface ServerFeatures {
  readonly version: string;
  readonly indexType: 'HNSW' | 'FLAT';
  readonly dialect: FilterDialect;
  /** Whether a limited query gives the rows with the smallest keys, and not just any. */
  readonly hasOrderedQueries: boolean;
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
    hasOrderedQueries: release !== null,
    dialect: { logic: isTwoValued ? 'two-valued' : 'unsure', hasJsonLists: release !== null },
  };
}
