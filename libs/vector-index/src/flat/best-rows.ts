export interface RankedRow {
  readonly row: number;
  /** Cosine similarity, -1 to 1. */
  readonly score: number;
}

/** Negative where `left` comes first: by score downwards, then by key upwards. */
type RowOrder = (left: RankedRow, right: RankedRow) => number;

export const rowOrder =
  (keyOf: (row: number) => string): RowOrder =>
  (left, right) => {
    if (left.score !== right.score) return right.score - left.score;
    const [a, b] = [keyOf(left.row), keyOf(right.row)];
    return a < b ? -1 : a > b ? 1 : 0;
  };

/** Keeps the best `limit` of the rows offered: a heap whose top is the worst of those kept. */
export class BestRows {
  private readonly heap: RankedRow[] = [];

  constructor(
    private readonly limit: number,
    private readonly order: RowOrder,
  ) {}

  offer(row: number, score: number): void {
    if (this.heap.length < this.limit) {
      this.heap.push({ row, score });
      this.rise(this.heap.length - 1);
      return;
    }
    const worst = this.heap[0];
    if (!worst || score < worst.score) return;
    const offered = { row, score };
    if (this.order(offered, worst) >= 0) return;
    this.heap[0] = offered;
    this.sink();
  }

  /** Best first. */
  ranked(): RankedRow[] {
    return this.heap.toSorted(this.order);
  }

  private rise(from: number): void {
    let child = from;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.isWorse(child, parent)) return;
      this.swap(child, parent);
      child = parent;
    }
  }

  private sink(): void {
    let parent = 0;
    for (;;) {
      const left = 2 * parent + 1;
      if (left >= this.heap.length) return;
      const right = left + 1;
      const worse = right < this.heap.length && this.isWorse(right, left) ? right : left;
      if (!this.isWorse(worse, parent)) return;
      this.swap(worse, parent);
      parent = worse;
    }
  }

  private isWorse(left: number, right: number): boolean {
    return this.order(this.heap[left]!, this.heap[right]!) > 0;
  }

  private swap(left: number, right: number): void {
    [this.heap[left], this.heap[right]] = [this.heap[right]!, this.heap[left]!];
  }
}
