import type { MemoryId } from '@soma/core';
import type { Direction, Edge } from './link-repository.js';

/** The edges at a frontier, asked for once a round; `cut` when there were more than given. */
export type ExpandFrontier = (
  frontier: readonly MemoryId[],
) => Promise<{ readonly edges: readonly Edge[]; readonly cut: boolean }>;

/** How a memory was reached. */
export interface Step {
  readonly id: MemoryId;
  readonly previous: MemoryId;
  readonly linkId: string;
  readonly strength: number;
}

interface Reached extends Step {
  readonly depth: number;
}

/** One way across an edge, from a frontier memory to its other end. */
export function crossings(
  edges: readonly Edge[],
  frontier: ReadonlySet<MemoryId>,
  direction: Direction,
): Step[] {
  return edges.flatMap(({ linkId, fromId, toId, strength }) => {
    const steps: Step[] = [];
    if (direction !== 'in' && frontier.has(fromId)) {
      steps.push({ id: toId, previous: fromId, linkId, strength });
    }
    if (direction !== 'out' && frontier.has(toId)) {
      steps.push({ id: fromId, previous: toId, linkId, strength });
    }
    return steps;
  });
}

/**
 * Breadth first from `start`, which is not part of the answer: nearest first, and among the equally
 * near those reached by the strongest link. One expansion a level.
 */
export async function breadthFirst(
  start: MemoryId,
  direction: Direction,
  depth: number,
  limit: number,
  expand: ExpandFrontier,
): Promise<{ reached: Reached[]; truncated: boolean }> {
  const seen = new Set([start]);
  const reached: Reached[] = [];
  let frontier = new Set([start]);
  let truncated = false;
  for (let level = 1; level <= depth && frontier.size > 0 && reached.length <= limit; level++) {
    const { edges, cut } = await expand([...frontier]);
    truncated ||= cut;
    const next = new Set<MemoryId>();
    for (const step of strongestFirst(crossings(edges, frontier, direction))) {
      if (seen.has(step.id)) continue;
      seen.add(step.id);
      next.add(step.id);
      reached.push({ ...step, depth: level });
    }
    frontier = next;
  }
  return { reached: reached.slice(0, limit), truncated: truncated || reached.length > limit };
}

/**
 * The path of fewest links, or the one whose strengths multiply to most, of at most `maxLength`
 * links: rounds of relaxation (Bellman-Ford), each expanding only what the last round improved.
 * @returns the steps after `start`; undefined when there is no path.
 */
export async function bestPath(
  start: MemoryId,
  end: MemoryId,
  weight: 'hops' | 'strength',
  maxLength: number,
  expand: ExpandFrontier,
): Promise<{ steps: Step[] | undefined; truncated: boolean }> {
  if (start === end) return { steps: [], truncated: false };
  const best = new Map<MemoryId, number>([[start, 1]]);
  const rounds: Map<MemoryId, Step>[] = [];
  let improved = new Map<MemoryId, number>([[start, 1]]);
  let truncated = false;
  let endRound: number | undefined;
  for (let round = 0; round < maxLength && improved.size > 0; round++) {
    const frontier = new Set(improved.keys());
    const { edges, cut } = await expand([...frontier]);
    truncated ||= cut;
    const steps = new Map<MemoryId, Step>();
    const next = new Map<MemoryId, number>();
    for (const step of strongestFirst(crossings(edges, frontier, 'out'))) {
      const known = best.get(step.id);
      const strength = (improved.get(step.previous) ?? 0) * step.strength;
      const better = known === undefined || (weight === 'strength' && strength > known);
      if (!better || strength <= (next.get(step.id) ?? -1)) continue;
      next.set(step.id, strength);
      steps.set(step.id, step);
    }
    next.forEach((strength, id) => best.set(id, strength));
    rounds.push(steps);
    if (next.has(end)) {
      endRound = round;
      if (weight === 'hops') break;
    }
    improved = next;
  }
  return { steps: endRound === undefined ? undefined : trace(rounds, endRound, end), truncated };
}

function trace(rounds: readonly Map<MemoryId, Step>[], endRound: number, end: MemoryId): Step[] {
  const steps: Step[] = [];
  let at = end;
  for (let round = endRound; round >= 0; round--) {
    const step = rounds[round]?.get(at);
    if (!step) throw new Error('A path was found whose steps were not kept.');
    steps.unshift(step);
    at = step.previous;
  }
  return steps;
}

function strongestFirst(steps: readonly Step[]): Step[] {
  return [...steps].sort(
    (left, right) => right.strength - left.strength || (left.linkId < right.linkId ? -1 : 1),
  );
}
