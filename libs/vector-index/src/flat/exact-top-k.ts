import { BestRows, rowOrder, type RankedRow } from './best-rows.js';
import { dotProduct } from './dot-product.js';
import { usearchScan, type ScanEngine } from './scan-engine.js';

/** Vectors of one length lying row after row in one array. */
export interface VectorRows {
  readonly dimension: number;
  readonly count: number;
  readonly data: Float32Array;
  /** Breaks ties between equal scores, the smaller first. */
  keyOf(row: number): string;
}

export interface Keyed {
  readonly key: string;
  /** L2-normalised. */
  readonly vector: Float32Array;
}

export interface Ranked<Item> {
  readonly item: Item;
  /** Cosine similarity, -1 to 1. */
  readonly score: number;
}

/** Rows asked of the engine beyond k, so that a tie across the border is seen. */
const TIE_MARGIN = 16;
/** More than the rounding of a float32 inner product of unit vectors. */
const ENGINE_ERROR = 1e-5;

/**
 * The k rows nearest to the query by cosine, best first, ties by key: the same answer whichever
 * engine proposed them, for scores are computed here, in doubles.
 *
 * @param query L2-normalised, as the rows are.
 * @param engine null to scan in plain JavaScript.
 */
export function exactTopK(
  query: Float32Array,
  rows: VectorRows,
  k: number,
  engine: ScanEngine | null = usearchScan,
): RankedRow[] {
  const limit = Math.min(rows.count, k + TIE_MARGIN);
  if (!engine || limit === rows.count) return scanRows(query, rows, k);
  const data = rows.data.subarray(0, rows.count * rows.dimension);
  const proposed = scanRows(query, rows, limit, engine(query, data, limit));
  const last = proposed[k - 1];
  const beyond = proposed[limit - 1];
  const isTied = !last || !beyond || last.score - beyond.score < ENGINE_ERROR;
  return isTied ? scanRows(query, rows, k) : proposed.slice(0, k);
}

/** As `exactTopK` in plain JavaScript, among the given rows only. */
export function scanRows(
  query: Float32Array,
  rows: VectorRows,
  k: number,
  among?: Iterable<number>,
): RankedRow[] {
  const best = new BestRows(
    k,
    rowOrder((row) => rows.keyOf(row)),
  );
  const offer = (row: number): void =>
    best.offer(row, clampCosine(dotProduct(query, rows.data, row * rows.dimension)));
  if (among) for (const row of among) offer(row);
  else for (let row = 0; row < rows.count; row += 1) offer(row);
  return best.ranked();
}

/** The k items nearest to the query by cosine, best first, ties by key: for a short list. */
export function rankExactly<Item extends Keyed>(
  query: Float32Array,
  items: readonly Item[],
  k: number,
): Ranked<Item>[] {
  const best = new BestRows(
    k,
    rowOrder((row) => items[row]!.key),
  );
  for (const [row, item] of items.entries()) {
    best.offer(row, clampCosine(dotProduct(query, item.vector, 0)));
  }
  return best.ranked().map(({ row, score }) => ({ item: items[row]!, score }));
}

export const clampCosine = (value: number): number => Math.min(1, Math.max(-1, value));
