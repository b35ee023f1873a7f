import type { VectorRows } from './exact-top-k.js';

const FIRST_CAPACITY = 64;

/**
 * Vectors by key in one Float32Array that doubles when full. A removed row is overwritten by the
 * last one, so rows are always dense and in no particular order.
 */
export class VectorSlab implements VectorRows {
  data: Float32Array;
  private readonly keys: string[] = [];
  private readonly rows = new Map<string, number>();

  constructor(readonly dimension: number) {
    this.data = new Float32Array(FIRST_CAPACITY * dimension);
  }

  get count(): number {
    return this.keys.length;
  }

  get bytes(): number {
    return this.data.byteLength;
  }

  keyOf(row: number): string {
    const key = this.keys[row];
    if (key === undefined) throw new RangeError(`No row ${row} in a slab of ${this.count}.`);
    return key;
  }

  has(key: string): boolean {
    return this.rows.has(key);
  }

  /** Nothing happens if the key is there already. */
  add(key: string, vector: Float32Array): void {
    if (this.rows.has(key)) return;
    const row = this.count;
    this.reserve(row + 1);
    this.data.set(vector, row * this.dimension);
    this.keys.push(key);
    this.rows.set(key, row);
  }

  remove(key: string): boolean {
    const row = this.rows.get(key);
    if (row === undefined) return false;
    const lastRow = this.count - 1;
    const lastKey = this.keyOf(lastRow);
    this.data.copyWithin(
      row * this.dimension,
      lastRow * this.dimension,
      (lastRow + 1) * this.dimension,
    );
    this.keys[row] = lastKey;
    this.rows.set(lastKey, row);
    this.keys.pop();
    this.rows.delete(key);
    return true;
  }

  private reserve(rows: number): void {
    const needed = rows * this.dimension;
    if (needed <= this.data.length) return;
    const grown = new Float32Array(Math.max(needed, this.data.length * 2));
    grown.set(this.data);
    this.data = grown;
  }
}
