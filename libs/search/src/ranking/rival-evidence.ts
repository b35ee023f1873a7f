import { type Column, columnOf, type ScaledColumn, scaledToBest } from './column.js';
import type { RankingInput } from './ranking-input.js';

/**
 * How much of the query the other memories of its session hold: root of the sum of squares, by the
 * greatest. 0 without a session.
 */
export function rivalEvidence(
  { memories, sessions }: RankingInput,
  sentence: Column,
): ScaledColumn {
  const sums = sessions.map(() => 0);
  memories.forEach(({ session }, i) => {
    if (session >= 0) sums[session] = (sums[session] ?? 0) + (sentence[i] ?? 0) ** 2;
  });
  const others = columnOf(memories, ({ session }, i) =>
    Math.sqrt(Math.max(0, (sums[session] ?? 0) - (sentence[i] ?? 0) ** 2)),
  );
  return scaledToBest(others);
}
