import { concurrently } from '../concurrently.ts';
import type { SearchAnswer } from '../contract.ts';
import { percentilesOf } from '../percentiles.ts';
import type { Percentiles } from '../percentiles.ts';
import { Progress } from '../progress.ts';
import type { SomaClient } from '../soma-client.ts';
import { untilIndexed } from '../until-indexed.ts';
import { searchOf } from './dataset.ts';
import type { Dataset } from './dataset.ts';
import { storeDataset } from './store-dataset.ts';
import type { Rankings } from './score.ts';

const ASKED_AT_ONCE = 4;

export interface RetrievalRun {
  rankings: Rankings;
  model: string;
  store_s: number;
  search_s: number;
  /** Of one search, with four in flight. */
  latency_ms: Percentiles;
  /** Answers the service marked as possibly incomplete. */
  partial: number;
}

/** Stores the set's documents over HTTP, asks its questions, and ranks document ids per question. */
export async function runRetrieval(
  client: SomaClient,
  { docs, queries }: Dataset,
  { k, bulkItems }: { k: number; bulkItems: number },
): Promise<RetrievalRun> {
  const stored = Date.now();
  await storeDataset(client, docs, bulkItems);
  const model = await untilIndexed(client);
  const asked = Date.now();
  const asking = new Progress('asking', queries.length);
  const latencies: number[] = [];
  let partial = 0;
  const ranked = await concurrently(queries, ASKED_AT_ONCE, async (query) => {
    const begun = performance.now();
    const answer = await client.post<SearchAnswer>('/memories/search', searchOf(query, k));
    latencies.push(performance.now() - begun);
    if (answer.partial) partial++;
    asking.advance();
    return [query.id, answer.memories.map((memory) => String(memory.metadata.doc_id))] as const;
  });
  return {
    rankings: new Map(ranked),
    model,
    store_s: (asked - stored) / 1000,
    search_s: (Date.now() - asked) / 1000,
    latency_ms: percentilesOf(latencies),
    partial,
  };
}
