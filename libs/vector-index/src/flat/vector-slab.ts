import type { VectorRows } from './exact-top-k.js';

const FIRST_CAPACITY = 64;

/**
 * Vectors by key in one Float32Array that doubles when full, each with a value beside it. A removed
 * row is overwritten by the last one, so rows are always dense and in no particular order, and
 * nothing of a removed vector stays.
 */
export class VectorSlab<Value> implements VectorRows {
  data: Float32Array;
  private readonly keys: string[] = [];
  private readonly values: Value[] = [];
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

  keysAfter(key: string): string[] {
    return this.keys.filter((other) => other > key);
  }

  has(key: string): boolean {
    return this.rows.has(key);
  }

  /** What was added with the vector of an existing row. */
  valueOf(row: number): Value {
    return this.values[row]!;
  }

  /** Nothing happens if the key is there already. */
  add(key: string, vector: Float32Array, value: Value): void {
    if (this.rows.has(key)) return;
    const row = this.count;
    this.reserve(row + 1);
    this.data.set(vector, row * this.dimension);
    this.keys.push(key);
    this.values.push(value);
    this.rows.set(key, row);
  }

  /** The value that was there, or undefined. */
  remove(key: string): Value | undefined {
    const row = this.rows.get(key);
    if (row === undefined) return undefined;
    const removed = this.valueOf(row);
    this.moveLastTo(row);
    this.rows.delete(key);
    return removed;
  }

  private moveLastTo(row: number): void {
    const last = this.count - 1;
    const lastKey = this.keyOf(last);
    const { dimension } = this;
    this.data.copyWithin(row * dimension, last * dimension, (last + 1) * dimension);
    this.data.fill(0, last * dimension, (last + 1) * dimension);
    this.values[row] = this.valueOf(last);
    this.keys[row] = lastKey;
    this.rows.set(lastKey, row);
    this.keys.pop();
    this.values.pop();
  }

  private reserve(rows: number): void {
    const needed = rows * this.dimension;
    if (needed <= this.data.length) return;
    const grown = new Float32Array(Math.max(needed, this.data.length * 2));
    grown.set(this.data);
    this.data = grown;
  }
}
