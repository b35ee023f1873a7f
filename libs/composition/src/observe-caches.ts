import { CACHES, watchCaches } from '@soma/core';
import type { Metrics } from '@soma/observability';

/** Counts what caches of this process knew and did not. @returns what ends that. */
export function observeCaches({ cacheLookups }: Metrics): () => void {
  for (const cache of CACHES) {
    // Prometheus sees no rise in a series that begins with its first count.
    for (const result of ['hit', 'miss']) cacheLookups.inc({ cache, result }, 0);
  }
  return watchCaches(({ cache, hits, misses }) => {
    if (hits > 0) cacheLookups.inc({ cache, result: 'hit' }, hits);
    if (misses > 0) cacheLookups.inc({ cache, result: 'miss' }, misses);
  });
}
