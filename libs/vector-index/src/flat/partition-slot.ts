import type { FlatPartition } from './flat-partition.js';

type Change = (partition: FlatPartition) => void;
type Batches = AsyncIterable<(partition: FlatPartition) => void>;

/**
 * A partition that fills itself once, from its source. Changes that arrive before it is full are
 * kept and applied in order at the end, so what the source read earlier cannot undo them.
 */
export class PartitionSlot {
  readonly ready: Promise<FlatPartition>;
  private waiting: Change[] | undefined = [];

  constructor(
    private readonly partition: FlatPartition,
    batches: Batches,
  ) {
    this.ready = this.fill(batches);
  }

  get isLoading(): boolean {
    return this.waiting !== undefined;
  }

  get bytes(): number {
    return this.partition.bytes;
  }

  change(change: Change): void {
    if (this.waiting) this.waiting.push(change);
    else change(this.partition);
  }

  private async fill(batches: Batches): Promise<FlatPartition> {
    for await (const addBatch of batches) addBatch(this.partition);
    for (const change of this.waiting ?? []) change(this.partition);
    this.waiting = undefined;
    return this.partition;
  }
}
