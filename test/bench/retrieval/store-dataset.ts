import type { BulkAnswer, Stats } from '../contract.ts';
import { Progress } from '../progress.ts';
import type { SomaClient } from '../soma-client.ts';
import { bulkBatches } from './bulk-batches.ts';
import { memoryOf } from './dataset.ts';
import type { Doc } from './dataset.ts';

/**
 * Stores a set's documents, each group in its namespace, which must be empty. Gives the id of each
 * document, by the id of its memory.
 */
export async function storeDataset(
  client: SomaClient,
  docs: readonly Doc[],
  bulkItems: number,
): Promise<Map<string, string>> {
  await refuseUsedNamespaces(client, [...new Set(docs.map((doc) => doc.group))]);
  const storing = new Progress('storing', docs.length);
  const stored = new Map<string, string>();
  for (const batch of bulkBatches(docs.map(memoryOf), bulkItems)) {
    const answer = await client.post<BulkAnswer>('/memories/bulk', batch);
    const refused = answer.results.find((result) => result.error !== undefined);
    if (refused?.error !== undefined) {
      const { code, detail } = refused.error;
      throw new Error(`${answer.failed} documents were refused, the first: ${code} ${detail}`);
    }
    for (const { memory } of answer.results) {
      if (memory) stored.set(memory.id, String(memory.metadata.doc_id));
    }
    storing.advance(batch.memories.length);
  }
  return stored;
}

/** A second run over the same memories would score duplicates. */
async function refuseUsedNamespaces(client: SomaClient, namespaces: string[]): Promise<void> {
  for (const namespace of namespaces) {
    const stats = await client.get<Stats>(`/stats?namespace=${encodeURIComponent(namespace)}`);
    if (stats.memories.total > 0) {
      throw new Error(
        `namespace ${namespace} already holds ${stats.memories.total} memories: use the token of a fresh tenant`,
      );
    }
  }
}
