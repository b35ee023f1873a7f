import { rankExactly } from '@soma/vector-index';
import type { IndexEntry, VectorIndex } from '@soma/vector-index';
import { percentilesOf } from '../percentiles.ts';
import type { Percentiles } from '../percentiles.ts';
import { filterOf, NAMESPACE, SELECTIVITIES } from './tenant.ts';
import type { Tenant } from './tenant.ts';

export const TOP_K = 10;
const WARM_UP_QUERIES = 3;

/** One filter on one tenant's memories, and what an exact search would answer. */
export interface Question {
  readonly tenant: Tenant;
  readonly selectivity: number;
  /** Memories that pass the filter. */
  readonly matching: number;
  /** Of each query of the tenant, the ids of the nearest by a plain scan. */
  readonly nearest: readonly ReadonlySet<string>[];
}

export interface Answered extends Percentiles {
  /** Of the nearest ten, or of all that match when they are fewer: the share that was found. */
  readonly recall: number;
}

/** Every filter that at least one memory of the tenant passes. */
export function questionsOf(tenant: Tenant): Question[] {
  return SELECTIVITIES.flatMap((selectivity) => {
    const items = tenant.entries
      .filter(({ attributes }) => selectivity === 1 || attributes.importance < selectivity)
      .map(({ entryId: key, vector }) => ({ key, vector }));
    if (items.length === 0) return [];
    const nearest = tenant.queries.map(
      (query) => new Set(rankExactly(query, items, TOP_K).map(({ item }) => item.key)),
    );
    return [{ tenant, selectivity, matching: items.length, nearest }];
  });
}

/** Asks the index every query of the tenant under the filter, one after the other. */
export async function ask(index: VectorIndex, question: Question): Promise<Answered> {
  const { tenant, selectivity, nearest } = question;
  const filter = filterOf(selectivity);
  const search = async (vector: Float32Array): Promise<string[]> => {
    const { model } = tenant.entries[0] as IndexEntry;
    const query = { namespace: NAMESPACE, model, vector, topK: TOP_K, filter };
    return (await index.search(tenant.scope, query)).map(({ entryId }) => entryId);
  };
  for (const query of tenant.queries.slice(0, WARM_UP_QUERIES)) await search(query);
  const latencies: number[] = [];
  let wanted = 0;
  let found = 0;
  for (const [i, query] of tenant.queries.entries()) {
    const begun = performance.now();
    const hits = await search(query);
    latencies.push(performance.now() - begun);
    const exact = nearest[i] ?? new Set<string>();
    wanted += exact.size;
    found += hits.filter((id) => exact.has(id)).length;
  }
  return { recall: found / wanted, ...percentilesOf(latencies) };
}
