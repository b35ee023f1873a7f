/**
 * Does `work` on every item, `most` at once, and gives the outcomes in the order of the items. When
 * one rejects nothing new is begun, and the first reason is thrown once the others have ended.
 */
export async function inParallel<Item, Outcome>(
  items: readonly Item[],
  most: number,
  work: (item: Item) => Promise<Outcome>,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const reasons: unknown[] = [];
  const waiting = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of waiting) {
      try {
        outcomes[index] = await work(item);
      } catch (error) {
        reasons.push(error);
      }
      if (reasons.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
  if (reasons.length > 0) throw reasons[0];
  return outcomes;
}
