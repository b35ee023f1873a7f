import { setTimeout as sleep } from 'node:timers/promises';
import type { Stats } from './contract.ts';
import type { SomaClient } from './soma-client.ts';

const WITHIN_MS = 120_000;

/**
 * Waits until every memory of the tenant has reached the vector index, and returns the name of the
 * model they are embedded with. Rejects after two minutes.
 */
export async function untilIndexed(client: SomaClient): Promise<string> {
  const deadline = Date.now() + WITHIN_MS;
  for (;;) {
    const { embeddings } = await client.get<Stats>('/stats');
    if (embeddings.pending === 0) return embeddings.model;
    if (Date.now() > deadline) {
      throw new Error(`${embeddings.pending} embeddings are still pending: is the worker running?`);
    }
    await sleep(200);
  }
}
