import { activate, FULL_REACH } from './activation.js';
import { type Column, emptyColumn, type ScaledColumn } from './column.js';
import type { RankingInput } from './ranking-input.js';

const BEST_OF_SESSION = 3;

export interface DenseEvidence {
  readonly cosine: ScaledColumn;
  readonly surroundings: Column;
  readonly session: Column;
}

/**
 * `cosine`, from 0 for the least of the dense arm to 1 for the best; `surroundings`, what spreads to
 * a memory from its neighbours, without its own; `session`, the mean of its session's best three.
 */
export function denseEvidence({ memories, sessions }: RankingInput): DenseEvidence {
  const known = memories.flatMap(({ cosine }) => (cosine === undefined ? [] : [cosine]));
  const least = Math.max(0, Math.min(...known));
  const span = Math.max(...known) - least;
  const cosine = Float64Array.from(memories, (memory) =>
    memory.cosine === undefined || span <= 0 ? 0 : Math.max(0, (memory.cosine - least) / span),
  );
  const around = activate(memories, cosine, 0).map((value) => value / (FULL_REACH - 1));
  const best = sessions.map(() => emptyColumn(BEST_OF_SESSION));
  memories.forEach(({ session }, i) => keepBest(best[session], cosine[i] ?? 0));
  const means = best.map(
    (values) => values.reduce((sum, value) => sum + value, 0) / BEST_OF_SESSION,
  );
  return {
    cosine: { raw: Float64Array.from(memories, (memory) => memory.cosine ?? 0), value: cosine },
    surroundings: around,
    session: Float64Array.from(memories, ({ session }) => means[session] ?? 0),
  };
}

/** Replaces the least of the kept by a greater value. */
function keepBest(kept: Column | undefined, value: number): void {
  if (!kept) return;
  const least = kept.indexOf(Math.min(...kept));
  if (value > (kept[least] ?? 0)) kept[least] = value;
}
