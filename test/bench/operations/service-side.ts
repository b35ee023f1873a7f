import type { BulkAnswer, Memory, NeighborsAnswer, PathAnswer, SearchAnswer } from '../contract.ts';
import { Progress } from '../progress.ts';
import { bulkBatches } from '../retrieval/bulk-batches.ts';
import type { SomaClient } from '../soma-client.ts';
import { untilIndexed } from '../until-indexed.ts';
import {
  NEIGHBOUR_DEPTH,
  NEIGHBOUR_LIMIT,
  OPERATIONS,
  PATH_MAX_LENGTH,
  SEARCH_TOP_K,
} from './operation.ts';
import type { Call, Side } from './operation.ts';
import { NAMESPACE, coordOf } from './workload.ts';
import type { WorkItem } from './workload.ts';

/** The service over HTTP. */
export class ServiceSide implements Side {
  readonly name = 'service';
  readonly operations = OPERATIONS;
  readonly #client: SomaClient;

  constructor(client: SomaClient) {
    this.#client = client;
  }

  async load(items: readonly WorkItem[]): Promise<void> {
    const progress = new Progress('storing', items.length);
    for (const batch of bulkBatches(items.map((item) => item.memory))) {
      const answer = await this.#client.post<BulkAnswer>('/memories/bulk', batch);
      const refused = answer.results.find((result) => result.error !== undefined);
      if (refused?.error !== undefined) {
        throw new Error(`${answer.failed} memories were refused: ${refused.error.detail}`);
      }
      progress.advance(batch.memories.length);
    }
    await untilIndexed(this.#client);
  }

  async run(call: Call): Promise<void> {
    switch (call.operation) {
      case 'store': {
        const stored = await this.#client.post<Memory>('/memories', call.item.memory);
        return demand(stored.content === call.item.memory.content, call);
      }
      case 'get': {
        const path = `/memories/${encodeURIComponent(coordOf(call.position))}?namespace=${NAMESPACE}`;
        const memory = await this.#client.get<Memory>(path);
        return demand(memory.content !== '', call);
      }
      case 'search': {
        const answer = await this.#client.post<SearchAnswer>('/memories/search', {
          query: call.query.text,
          namespace: NAMESPACE,
          top_k: SEARCH_TOP_K,
        });
        return demand(!answer.partial && answer.memories.length === SEARCH_TOP_K, call);
      }
      case 'neighbours': {
        const asked = new URLSearchParams({
          coord: coordOf(call.position),
          namespace: NAMESPACE,
          direction: 'both',
          depth: String(NEIGHBOUR_DEPTH),
          limit: String(NEIGHBOUR_LIMIT),
        });
        const answer = await this.#client.get<NeighborsAnswer>(`/graph/neighbors?${asked}`);
        return demand(answer.neighbors.length > 0, call);
      }
      case 'path': {
        const asked = new URLSearchParams({
          from_coord: coordOf(call.from),
          to_coord: coordOf(call.to),
          namespace: NAMESPACE,
          max_length: String(PATH_MAX_LENGTH),
        });
        const answer = await this.#client.get<PathAnswer>(`/graph/path?${asked}`);
        return demand(answer.found, call);
      }
    }
  }

  close(): Promise<void> {
    this.#client.close();
    return Promise.resolve();
  }
}

/** A fast wrong answer must not enter the table. */
function demand(right: boolean, call: Call): void {
  if (!right) throw new Error(`the service answered ${call.operation} wrongly`);
}
