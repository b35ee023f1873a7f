import { activate, FULL_REACH } from './activation.js';
import { type Column, columnOf, emptyColumn, type ScaledColumn } from './column.js';
import type { RankingInput } from './ranking-input.js';

const BEST_OF_SESSION = 3;
/** The scale ends at this place of the dense arm, so that a wider arm does not stretch it. */
const LAST_PLACE = 200;

export interface DenseEvidence {
  readonly cosine: ScaledColumn;
  readonly surroundings: Column;
  readonly session: Column;
}

/**
 * `cosine`, from 0 for the dense arm's LAST_PLACE to 1 for its best; `surroundings`, what spreads to
 * a memory from its neighbours and links, without its own; `session`, the mean of its session's best
 * three. A memory outside any session is its own: its cosine stands in.
 */
export function denseEvidence({ memories, sessions }: RankingInput): DenseEvidence {
  const known = columnOf(memories, (memory) => Math.max(0, memory.cosine ?? 0)).sort();
  const best = known.at(-1) ?? 0;
  const least = leastOf(known, memories);
  const span = best - least;
  const cosine = columnOf(memories, (memory) =>
    memory.cosine === undefined || span <= 0 ? 0 : Math.max(0, (memory.cosine - least) / span),
  );
  const around = activate(memories, cosine, 0).map((value) => value / (FULL_REACH - 1));
  const kept = sessions.map(() => emptyColumn(BEST_OF_SESSION));
  memories.forEach(({ session }, i) => keepBest(kept[session], cosine[i] ?? 0));
  const means = kept.map(
    (values) => values.reduce((sum, value) => sum + value, 0) / BEST_OF_SESSION,
  );
  return {
    cosine: { raw: columnOf(memories, (memory) => memory.cosine ?? 0), value: cosine },
    surroundings: around.map((value, i) =>
      memories[i]?.session === -1 ? Math.max(value, cosine[i] ?? 0) : value,
    ),
    session: columnOf(memories, ({ session }, i) =>
      session === -1 ? (cosine[i] ?? 0) : (means[session] ?? 0),
    ),
  };
}

/** `ordered` holds 0 for each memory that the arm did not return. */
function leastOf(ordered: Column, memories: RankingInput['memories']): number {
  const returned = memories.filter(({ cosine }) => cosine !== undefined).length;
  return ordered.at(-Math.min(returned, LAST_PLACE)) ?? 0;
}

/** Replaces the least of the kept, which are in order, by a greater value. */
function keepBest(kept: Column | undefined, value: number): void {
  if (!kept) return;
  if (value <= (kept[0] ?? 0)) return;
  kept[0] = value;
  kept.sort();
}
