import type { StoredEntry } from './consistency-store.js';

/** One id with what either side knows of it; at least one side does. */
export interface PairedEntry {
  readonly entryId: string;
  readonly isIndexed: boolean;
  readonly stored?: StoredEntry;
}

/** Merges two sides, each in ascending order of its ids, of which one of each is held at a time. */
export async function* pairedEntries(
  indexed: AsyncIterator<string, undefined>,
  stored: AsyncIterator<StoredEntry, undefined>,
): AsyncGenerator<PairedEntry> {
  let left = (await indexed.next()).value;
  let right = (await stored.next()).value;
  while (left !== undefined || right !== undefined) {
    if (right === undefined || (left !== undefined && left < right.entryId)) {
      if (left !== undefined) yield { entryId: left, isIndexed: true };
      left = (await indexed.next()).value;
    } else {
      const isIndexed = left === right.entryId;
      yield { entryId: right.entryId, isIndexed, stored: right };
      if (isIndexed) left = (await indexed.next()).value;
      right = (await stored.next()).value;
    }
  }
}

/** All items of a question that is asked page by page, the next page past the last item's id. */
export async function* everyPage<Item>(
  limit: number,
  idOf: (item: Item) => string,
  read: (after: string | undefined) => Promise<readonly Item[]>,
): AsyncGenerator<Item, undefined> {
  let after: string | undefined;
  for (;;) {
    const page = await read(after);
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < limit) return undefined;
    after = idOf(last);
  }
}

/** The same items in lists of `size`, the last one shorter. */
export async function* groupsOf<Item>(
  size: number,
  items: AsyncIterable<Item>,
): AsyncGenerator<Item[]> {
  let group: Item[] = [];
  for await (const item of items) {
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
