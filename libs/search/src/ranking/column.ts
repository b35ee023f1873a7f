/** One feature of every memory, in the memories' order. */
export type Column = Float64Array;

export const emptyColumn = (length: number): Column => new Float64Array(length);

/** A feature before and after scaling; only what is scaled needs both. */
export interface ScaledColumn {
  readonly raw: Column;
  readonly value: Column;
}

export const scaledToBest = (raw: Column): ScaledColumn => ({ raw, value: scaleToBest(raw) });

/** Divides by the greatest value, so that the best is 1; a column without a positive value stays. */
export function scaleToBest(column: Column): Column {
  let best = 0;
  for (const value of column) if (value > best) best = value;
  return best > 0 ? column.map((value) => value / best) : column;
}

/** Positions by value, greatest first; equal values keep their order. */
export function bestFirst(column: Column, positions: readonly number[]): number[] {
  return positions.toSorted((a, b) => (column[b] ?? 0) - (column[a] ?? 0) || a - b);
}
