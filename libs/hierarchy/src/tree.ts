import { groupItems, type GroupingOptions } from './grouping.js';
import type { HierarchyItem } from './hierarchy-item.js';
import { nodeId } from './stable-hash.js';
import { centroid } from './centroid.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Most items under one node. */
export const BRANCHING = 8;
/** Longest pause inside a group, by the tier of its items; above these there is none. */
const MAX_GAPS_MS = [2 * HOUR, DAY, 7 * DAY, 90 * DAY];
/** No tree is higher: 8^12 episodes. */
export const MAX_TIER = 12;

/** One node over at least two sources. */
export interface TreeNode extends HierarchyItem {
  /** 1 above episodes, and one more than the highest of its sources. */
  readonly tier: number;
  /** In time order. */
  readonly sources: readonly HierarchyItem[];
}

/** How items of a tier are grouped: sessions first, then days, weeks, quarters, and at last all. */
export function groupingOf(tier: number, branching = BRANCHING): GroupingOptions {
  return {
    tier,
    branching,
    maxGapMs: MAX_GAPS_MS[tier] ?? Infinity,
    withinSession: tier === 0,
  };
}

/**
 * The hierarchy over a set of episodes, lowest tier first: the same step at every tier until one
 * item is left. A group of one is no node: its item goes up as it is. The same set gives the same
 * nodes with the same ids, in whatever order it comes. Takes n log n time.
 */
export function buildTree(episodes: readonly HierarchyItem[], branching = BRANCHING): TreeNode[] {
  const nodes: TreeNode[] = [];
  let items: readonly HierarchyItem[] = episodes;
  for (let tier = 0; items.length > 1 && tier < MAX_TIER; tier++) {
    items = groupItems(items, groupingOf(tier, branching)).map((group) => {
      const [only] = group;
      if (group.length === 1 && only) return only;
      const node = nodeOver(group, tier + 1);
      nodes.push(node);
      return node;
    });
  }
  return nodes;
}

/** The node that stands for a group, its vector the mean of theirs by the episodes below them. */
export function nodeOver(sources: readonly HierarchyItem[], tier: number): TreeNode {
  const weights = sources.map(({ leaves }) => leaves);
  const [first] = sources;
  const oneSession = sources.every(({ session }) => session === first?.session);
  return {
    id: nodeId(
      tier,
      sources.map(({ id, version }) => `${id}@${version}`),
    ),
    version: 1,
    first: first?.first ?? '',
    session: oneSession ? first?.session : undefined,
    startsAt: Math.min(...sources.map(({ startsAt }) => startsAt)),
    endsAt: Math.max(...sources.map(({ endsAt }) => endsAt)),
    arrivedAt: first?.arrivedAt ?? 0,
    vector: centroid(
      sources.map(({ vector }) => vector),
      weights,
    ),
    tier,
    sources,
    leaves: weights.reduce((sum, weight) => sum + weight, 0),
  };
}

export const isNode = (item: HierarchyItem): item is TreeNode => 'sources' in item;
