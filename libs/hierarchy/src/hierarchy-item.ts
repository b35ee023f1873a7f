/** What is grouped: an episode, or a node of the tier below. */
export interface HierarchyItem {
  readonly id: string;
  /** Of what it says; a node over another version is another node. */
  readonly version: number;
  /** The first episode below it; an episode's own id. No two items of a tier share it. */
  readonly first: string;
  /** Conversation or run; items of different ones never share a group of tier 1. */
  readonly session: string | undefined;
  /** Milliseconds since 1970, of the first and the last thing it tells of. */
  readonly startsAt: number;
  readonly endsAt: number;
  /** When the first episode below it was stored; decides between items of one moment. */
  readonly arrivedAt: number;
  /** Episodes below it; 1 of an episode. */
  readonly leaves: number;
  /** Length 1, or all zeros where nothing is known. */
  readonly vector: Float32Array;
}

/** By time, then by arrival, then by id: one order for one set, however it came. */
export function inTime<Item extends Pick<HierarchyItem, 'first' | 'startsAt' | 'arrivedAt'>>(
  items: readonly Item[],
): Item[] {
  return [...items].sort(byTime);
}

/** Session by session, each in time. */
export function bySession<Item extends HierarchyItem>(items: readonly Item[]): Item[] {
  return [...items].sort((a, b) => compare(a.session ?? '', b.session ?? '') || byTime(a, b));
}

type Timed = Pick<HierarchyItem, 'first' | 'startsAt' | 'arrivedAt'>;

const byTime = (a: Timed, b: Timed): number =>
  a.startsAt - b.startsAt || a.arrivedAt - b.arrivedAt || compare(a.first, b.first);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
