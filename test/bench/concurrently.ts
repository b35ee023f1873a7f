/**
 * Runs `task` on every item, at most `clients` at once, and returns the results in the items' order.
 * The first failure rejects, and no further item is begun.
 */
export async function concurrently<T, R>(
  items: readonly T[],
  clients: number,
  task: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  let failed = false;
  const worker = async (): Promise<void> => {
    while (next < items.length && !failed) {
      const index = next++;
      try {
        results[index] = await task(items[index] as T, index);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(clients, items.length) }, worker));
  return results;
}
