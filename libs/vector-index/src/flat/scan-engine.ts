/**
 * Proposes the `limit` rows with the largest inner product: row numbers, in any order. `data` holds
 * whole rows of the query's length, at least `limit` of them.
 */
export type ScanEngine = (query: Float32Array, data: Float32Array, limit: number) => number[];

/** usearch's SIMD scan; null where its addon has no binary for this machine. */
export const usearchScan: ScanEngine | null = await loadUsearch();

async function loadUsearch(): Promise<ScanEngine | null> {
  try {
    const { exactSearch, MetricKind } = await import('usearch');
    return (query, data, limit) => {
      const { keys } = exactSearch(data, query, query.length, limit, MetricKind.IP);
      return Array.from(keys, Number);
    };
  } catch {
    return null;
  }
}
