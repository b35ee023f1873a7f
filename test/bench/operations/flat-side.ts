import usearch from 'usearch';
import { SEARCH_TOP_K } from './operation.ts';
import type { Call, Operation, Side } from './operation.ts';
import { DIMENSION } from './workload.ts';
import type { WorkItem } from './workload.ts';

/** usearch's exact search over one slab, in this process. */
export class FlatSide implements Side {
  readonly name = 'usearch exact';
  readonly operations: readonly Operation[] = ['search'];
  #slab = new Float32Array();

  load(items: readonly WorkItem[]): Promise<void> {
    this.#slab = new Float32Array(items.length * DIMENSION);
    items.forEach((item, row) => this.#slab.set(item.vector, row * DIMENSION));
    return Promise.resolve();
  }

  run(call: Call): Promise<void> {
    if (call.operation !== 'search') throw new Error(`${this.name} only searches`);
    const { keys } = usearch.exactSearch(
      this.#slab,
      call.query.vector,
      DIMENSION,
      SEARCH_TOP_K,
      usearch.MetricKind.IP,
      1,
    );
    if (keys.length !== SEARCH_TOP_K) throw new Error(`${this.name} found ${keys.length}`);
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
