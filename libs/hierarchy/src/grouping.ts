import { bySession, type HierarchyItem, inTime } from './hierarchy-item.js';
import { hash32 } from './stable-hash.js';

export interface GroupingOptions {
  /** Of the items; another tier draws other lots. */
  readonly tier: number;
  /** Most items of one group; at least 2. */
  readonly branching: number;
  /** A longer pause than this begins a new run, in milliseconds. */
  readonly maxGapMs: number;
  /** Whether a run stays within one session. */
  readonly withinSession: boolean;
}

/** About one item in this many begins a run, whatever stands around it. */
export const RUN_SPREAD = 64;
/** How much evenness counts beside closeness when a run is cut. */
const EVENNESS = 0.25;

/**
 * Cuts items into groups of at most `branching`, in time order, within a session session by session.
 * Runs end at sessions, at long pauses and, so that no run grows without bound, before about one
 * item in RUN_SPREAD drawn by its time (content-defined chunking). A run is cut where two neighbours
 * are least alike, again and again, until every piece fits. Both depend on the items alone: the same
 * set gives the same groups whatever the order of arrival, and one item more or less changes only
 * the run it stands in and the one after. Takes n log n time.
 */
export function groupItems<Item extends HierarchyItem>(
  items: readonly Item[],
  options: GroupingOptions,
): Item[][] {
  const ordered = options.withinSession ? bySession(items) : inTime(items);
  return runsOf(ordered, options).flatMap((run) => cut(run, bonds(run), options.branching));
}

/** Whether `item` begins a run after `previous`. */
export function beginsRun(
  previous: HierarchyItem,
  item: HierarchyItem,
  { tier, maxGapMs, withinSession }: GroupingOptions,
): boolean {
  if (withinSession && previous.session !== item.session) return true;
  if (item.startsAt - previous.endsAt > maxGapMs) return true;
  // By the moment, so that the same history stored anew is cut alike; of one moment, by the item.
  const lot = item.startsAt === previous.startsAt ? item.first : item.startsAt;
  return hash32(`${tier} ${lot}`) % RUN_SPREAD === 0;
}

/** The runs of items that are in order already. */
export function runsOf<Item extends HierarchyItem>(
  ordered: readonly Item[],
  options: GroupingOptions,
): Item[][] {
  const runs: Item[][] = [];
  for (const [at, item] of ordered.entries()) {
    const previous = ordered[at - 1];
    const run = runs.at(-1);
    if (!previous || !run || beginsRun(previous, item, options)) runs.push([item]);
    else run.push(item);
  }
  return runs;
}

/** Likeness of each item and the one after it. */
function bonds(run: readonly HierarchyItem[]): number[] {
  return run.slice(1).map((item, at) => dot(run[at]?.vector, item.vector));
}

function cut<Item>(run: Item[], closeness: number[], branching: number): Item[][] {
  if (run.length <= branching) return [run];
  let weakest = 0;
  let least = Infinity;
  for (const [at, close] of closeness.entries()) {
    const share = (at + 1) / run.length;
    const held = close - EVENNESS * 4 * share * (1 - share);
    if (held < least) {
      least = held;
      weakest = at;
    }
  }
  return [
    ...cut(run.slice(0, weakest + 1), closeness.slice(0, weakest), branching),
    ...cut(run.slice(weakest + 1), closeness.slice(weakest + 1), branching),
  ];
}

function dot(left: Float32Array | undefined, right: Float32Array): number {
  if (!left) return 0;
  return left.reduce((sum, value, at) => sum + value * (right[at] ?? 0), 0);
}
