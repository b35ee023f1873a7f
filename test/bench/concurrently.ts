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
  const queue = items.entries();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (failed) return;
      try {
        results[index] = await task(item, index);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: clients }, worker));
  return results;
}
