import type { Answered } from './ask-queries.js';
import { type ArmShare, armShares, type FeatureShare, featureShares } from './arm-shares.js';
import { type Estimate, estimate } from './bootstrap.js';
import { type Latency, latencyOf } from './percentiles.js';
import { ndcgAt, type Places, recallAt, reciprocalRank } from './ranking-measures.js';

const RECALL_DEPTHS = [1, 5, 10, 20];
const NDCG_DEPTH = 10;

export type Measured = Readonly<Record<string, Estimate>>;

/** What a recipe did on the queries that it answered. */
export interface Scorecard {
  readonly recipe: string;
  /** Queries with a relevant memory: only these are measured. */
  readonly queries: number;
  readonly measures: Measured;
  readonly categories: readonly CategoryScore[];
  readonly latency_ms: {
    readonly took: Latency | null;
    readonly round_trip: Latency | null;
    readonly stages: Readonly<Record<string, Latency>>;
  };
  /** Of the contents of one answer, on average. */
  readonly tokens: number | null;
  readonly partial_answers: number;
  /** Relevant memories among the results, all queries together. */
  readonly relevant_found: number;
  readonly arms: readonly ArmShare[];
  readonly features: readonly FeatureShare[];
  readonly per_query: readonly QueryScore[];
}

export interface CategoryScore {
  readonly category: string;
  readonly queries: number;
  readonly measures: Measured;
}

export interface QueryScore {
  readonly line: number;
  readonly id?: string;
  readonly category?: string;
  /** Of each relevant memory, in the order of the file; null when it did not come. */
  readonly places: Places;
}

/** The measures of a search for `k` memories; recall at `k` itself is one of them. */
export function measuresFor(k: number): Readonly<Record<string, (places: Places) => number>> {
  const depths = [...new Set([...RECALL_DEPTHS.filter((depth) => depth < k), k])];
  const depth = Math.min(NDCG_DEPTH, k);
  return Object.fromEntries([
    ...depths.map((at) => [`recall@${at}`, (places: Places) => recallAt(places, at)] as const),
    [`nDCG@${depth}`, (places: Places) => ndcgAt(places, depth)] as const,
    ['MRR', reciprocalRank] as const,
  ]);
}

export function scorecardOf(recipe: string, answers: readonly Answered[], k: number): Scorecard {
  const scored = answers.filter(({ query }) => query.relevant.length > 0);
  const relevant = scored.flatMap(({ reply, places }) =>
    reply.memories.filter((_, index) => places.includes(index + 1)),
  );
  const tokens = answers.flatMap(({ reply }) => reply.tokens ?? []);
  return {
    recipe,
    queries: scored.length,
    measures: measured(scored, k),
    categories: categoriesOf(scored, k),
    latency_ms: {
      took: latencyOf(answers.map(({ reply }) => reply.took_ms)),
      round_trip: latencyOf(answers.map(({ roundTripMs }) => roundTripMs)),
      stages: stagesOf(answers),
    },
    tokens: tokens.length === 0 ? null : tokens.reduce((sum, n) => sum + n, 0) / tokens.length,
    partial_answers: answers.filter(({ reply }) => reply.partial).length,
    relevant_found: relevant.length,
    arms: armShares(relevant),
    features: featureShares(relevant),
    per_query: scored.map(({ query: { line, id, category }, places }) => ({
      line,
      id,
      category,
      places,
    })),
  };
}

function measured(answers: readonly Answered[], k: number): Measured {
  if (answers.length === 0) return {};
  return Object.fromEntries(
    Object.entries(measuresFor(k)).map(([name, measure]) => [
      name,
      estimate(answers.map(({ places }) => measure(places))),
    ]),
  );
}

function categoriesOf(answers: readonly Answered[], k: number): CategoryScore[] {
  const groups = Map.groupBy(answers, ({ query }) => query.category ?? '(none)');
  if (groups.size === 1 && groups.has('(none)')) return [];
  return [...groups]
    .map(([category, own]) => ({ category, queries: own.length, measures: measured(own, k) }))
    .toSorted((left, right) => left.category.localeCompare(right.category));
}

function stagesOf(answers: readonly Answered[]): Record<string, Latency> {
  const names = new Set(answers.flatMap(({ reply }) => Object.keys(reply.stages_ms ?? {})));
  return Object.fromEntries(
    [...names].flatMap((name) => {
      const latency = latencyOf(answers.flatMap(({ reply }) => reply.stages_ms?.[name] ?? []));
      return latency ? [[name, latency]] : [];
    }),
  );
}
