import { type CohesionTest, likeness, nearDuplicates } from '@soma/hierarchy';
import type { Merge, MergeCandidate, MergedCandidate } from './merge-store.js';

/** What was read for one step. */
export interface ReadForMerging {
  /** Those looked at. */
  readonly page: readonly MergeCandidate[];
  /** Others that may say the same. */
  readonly near: readonly MergeCandidate[];
  /** What stands behind any of them. */
  readonly behind: readonly MergedCandidate[];
}

/**
 * What is merged into what: clusters of one kind in which each says the same as every other, also as
 * those that stand behind them already. The oldest is kept, but for one that stays. A cluster has one
 * of the page in it, or it is the matter of another step.
 */
export function planMerges(
  { page, near, behind }: ReadForMerging,
  test: CohesionTest,
): readonly Merge[] {
  const live = new Map([...near, ...page].map((candidate) => [candidate.id, candidate]));
  const looked = new Set(page.map(({ id }) => id));
  return [...Map.groupBy(live.values(), ({ kind }) => kind).values()].flatMap((candidates) => {
    const ids = new Set(candidates.map(({ id }) => id));
    const members = behind.filter(({ into }) => ids.has(into));
    const together = [...Map.groupBy(members, ({ into }) => into)].map(([into, of]) => [
      into,
      ...of.map(({ id }) => id),
    ]);
    return nearDuplicates([...candidates, ...members], test, together).flatMap((cluster) => {
      if (!cluster.some((id) => looked.has(id))) return [];
      const inCluster = new Set(cluster);
      return mergeOf(
        cluster.flatMap((id) => live.get(id) ?? []),
        members.filter(({ id }) => inCluster.has(id)),
      );
    });
  });
}

/** @param members oldest first. */
function mergeOf(members: readonly MergeCandidate[], behind: readonly MergedCandidate[]): Merge[] {
  const kept = members.find(({ stays }) => stays) ?? members[0];
  if (!kept) return [];
  const going = members.filter((member) => member !== kept && !member.stays);
  if (going.length === 0) return [];
  const moving = new Set([kept.id, ...going.map(({ id }) => id)]);
  return [
    {
      kept,
      members: going.map((candidate) => ({
        id: candidate.id,
        candidate,
        ...likeness(kept, candidate),
      })),
      behind: behind
        .filter(({ into }) => moving.has(into))
        .map((member) => ({ id: member.id, ...likeness(kept, member) })),
    },
  ];
}
