import type { BulkAnswer, NewMemory } from '../contract.ts';
import { Progress } from '../progress.ts';
import { bulkBatches } from '../retrieval/bulk-batches.ts';
import type { SomaClient } from '../soma-client.ts';
import { episode } from './episodes.ts';

/** Stores the episodes from one number up to another. */
export function storeEpisodes(client: SomaClient, from: number, to: number): Promise<void> {
  return storeAll(
    client,
    Array.from({ length: to - from }, (_, at) => episode(from + at)),
  );
}

/** @throws when one of them is refused. */
export async function storeAll(client: SomaClient, memories: readonly NewMemory[]): Promise<void> {
  const progress = new Progress('storing', memories.length);
  for (const batch of bulkBatches(memories)) {
    const { failed } = await client.post<BulkAnswer>('/memories/bulk', batch);
    if (failed > 0) throw new Error(`${failed} memories were refused`);
    progress.advance(batch.memories.length);
  }
}
