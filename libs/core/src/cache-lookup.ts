import { channel } from 'node:diagnostics_channel';

/** Caches that are worth to be watched; the embedding cache counts by itself. */
export type CacheName = 'tokens' | 'data-keys' | 'fresh-vectors' | 'encrypted-fields';

export const CACHES: readonly CacheName[] = [
  'tokens',
  'data-keys',
  'fresh-vectors',
  'encrypted-fields',
];

export interface CacheLookup {
  readonly cache: CacheName;
  readonly hits: number;
  readonly misses: number;
}

const LOOKUPS = channel('soma:cache-lookup');

/** Tells who watches how a look into a cache went. */
export function noteLookup(cache: CacheName, hits: number, misses: number): void {
  if (LOOKUPS.hasSubscribers) LOOKUPS.publish({ cache, hits, misses });
}

/** Tells of every such look in this process from now on. @returns what ends that. */
export function watchCaches(onLookup: (lookup: CacheLookup) => void): () => void {
  const lookups = (lookup: unknown): void => onLookup(lookup as CacheLookup);
  LOOKUPS.subscribe(lookups);
  return () => {
    LOOKUPS.unsubscribe(lookups);
  };
}
