/**
 * The next of an iterator, or undefined if `late` is aborted first. The iterator is then still
 * waiting, and what it gives is lost.
 */
export async function nextBefore<Item>(
  items: AsyncIterator<Item>,
  late: AbortSignal,
): Promise<IteratorResult<Item> | undefined> {
  if (late.aborted) return undefined;
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const onLate = (): void => resolve(undefined);
  late.addEventListener('abort', onLate, { once: true });
  const next = items.next();
  next.catch(() => undefined);
  try {
    return await Promise.race([next, promise]);
  } finally {
    late.removeEventListener('abort', onLate);
  }
}
