import { concurrently } from '../concurrently.ts';
import { Progress } from '../progress.ts';
import { searchOf } from '../retrieval/dataset.ts';
import type { Dataset } from '../retrieval/dataset.ts';
import { runRetrieval } from '../retrieval/run-retrieval.ts';
import type { SomaClient } from '../soma-client.ts';
import type { ExplainedAnswers, ExplainedMemory } from './explained-answer.ts';
import type { LabelledQuery } from './labelled-query.ts';

const ASKED_AT_ONCE = 4;

export interface Collected {
  readonly queries: LabelledQuery[];
  readonly model: string;
}

/**
 * Stores a set's documents over HTTP and asks its questions, each with `explain: true`: the values
 * of the features are the service's own. Those that look at the first hits (`feedback`, `restated`)
 * depend on the weights in force while they are collected: after a change of weights by much,
 * collect and fit once more. Rejects when an answer is partial.
 */
export async function collect(
  client: SomaClient,
  { set, docs, queries }: Dataset & { set: string },
  answers: ExplainedAnswers,
  { topK, bulkItems }: { topK: number; bulkItems: number },
): Promise<Collected> {
  const { model } = await runRetrieval(client, { docs, queries: [] }, { k: topK, bulkItems });
  const asking = new Progress('asking', queries.length);
  const collected = await concurrently(queries, ASKED_AT_ONCE, async (query) => {
    const body = { ...searchOf(query, topK), recipe: 'context', explain: true };
    const { memories, partial } = await client.post<{
      memories: ExplainedMemory[];
      partial: boolean;
    }>('/memories/search', body);
    if (partial) throw new Error(`the answer to ${query.id} is partial: the index is not ready`);
    asking.advance();
    return answers.read(memories, { set, namespace: query.group, gold: query.gold });
  });
  return { queries: collected, model };
}
