/** One feature of every memory, in the memories' order. */
export type Column = Float64Array;

/** A feature before and after scaling; only what is scaled needs both. */
export interface ScaledColumn {
  readonly raw: Column;
  readonly value: Column;
}

export const emptyColumn = (length: number): Column => new Float64Array(length);

/** `Float64Array.from`, several times as fast. */
export function columnOf<Item>(
  items: readonly Item[],
  valueOf: (item: Item, position: number) => number,
): Column {
  const column = emptyColumn(items.length);
  items.forEach((item, i) => {
    column[i] = valueOf(item, i);
  });
  return column;
}

/** Divides by the greatest value, so that the best is 1; a column without a positive value stays. */
export function scaledToBest(raw: Column): ScaledColumn {
  let best = 0;
  for (const value of raw) if (value > best) best = value;
  return { raw, value: best > 0 ? raw.map((value) => value / best) : raw };
}

/** Positions by value, greatest first; equal values keep their order. */
export function bestFirst(column: Column, positions: readonly number[]): number[] {
  return positions.toSorted((a, b) => (column[b] ?? 0) - (column[a] ?? 0) || a - b);
}
