import { concurrently } from '../concurrently.ts';
import type { ContextAnswer, SearchAnswer } from '../contract.ts';
import { embedderSettings } from '../embedder-settings.ts';
import { markdownTable } from '../markdown-table.ts';
import { percentilesOf } from '../percentiles.ts';
import { Progress } from '../progress.ts';
import { readDataset, searchOf } from '../retrieval/dataset.ts';
import type { Doc, Query } from '../retrieval/dataset.ts';
import { storeDataset } from '../retrieval/store-dataset.ts';
import { startService } from '../service-process.ts';
import { SomaClient } from '../soma-client.ts';
import { untilIndexed } from '../until-indexed.ts';
import { parseContextArguments } from './arguments.ts';
import { citedLines, coverage, flatContext } from './coverage.ts';
import type { Told } from './coverage.ts';

const BUDGETS = [256, 512, 1_024, 2_048] as const;
/** More than the largest budget has room for. */
const FLAT_HITS = 200;
const BULK_ITEMS = { hash: 250, openai: 50 };
const ASKED_AT_ONCE = 2;

interface Sums {
  packed: number;
  flat: number;
  latencies: number[];
}

async function main(): Promise<void> {
  const given = parseContextArguments(process.argv.slice(2));
  const { docs, queries: all } = readDataset(given.data);
  const queries = all.filter((_, at) => at % given.every === 0);
  const settings = embedderSettings(given.embedder, process.env);
  const service = await startService({ stack: given.stack, settings });
  const client = new SomaClient(service.url, service.token);
  try {
    const documents = await storeDataset(client, docs, BULK_ITEMS[given.embedder]);
    if (given.tiers === 'all') await consolidateAll(client);
    await untilIndexed(client);
    const sums = BUDGETS.map((): Sums => ({ packed: 0, flat: 0, latencies: [] }));
    const searches: number[] = [];
    const texts = new Map(docs.map((doc) => [keyOf(doc), doc.text]));
    const asking = new Progress('asking', queries.length);
    await concurrently(queries, ASKED_AT_ONCE, async (query) => {
      const evidence = query.gold.map((id): Told => ({
        id,
        text: texts.get(`${query.group} ${id}`) ?? '',
      }));
      const hits = await flatHits(client, query, searches);
      for (const [at, budget] of BUDGETS.entries()) {
        const sum = sums[at];
        if (!sum) continue;
        const began = performance.now();
        const answer = await client.post<ContextAnswer>('/memories/context', {
          ...contextOf(query, budget),
          tiers: given.tiers,
        });
        sum.latencies.push(performance.now() - began);
        const cited = new Map(
          answer.citations.map(({ cite, memory_id }) => [cite, documents.get(memory_id) ?? '']),
        );
        sum.packed += coverage(citedLines(answer.text, cited, budget), evidence);
        sum.flat += coverage(flatContext(hits, budget), evidence);
      }
      asking.advance();
    });
    const mean = (sum: number): number => Number((sum / queries.length).toFixed(4));
    const budgets = BUDGETS.map((tokens, at) => ({
      tokens,
      packed: mean(sums[at]?.packed ?? 0),
      flat: mean(sums[at]?.flat ?? 0),
    }));
    if (given.json) return void process.stdout.write(`${JSON.stringify({ budgets })}\n`);
    const rows = budgets.map(({ tokens, packed, flat }, at) => [
      String(tokens),
      packed.toFixed(3),
      flat.toFixed(3),
      percentilesOf(sums[at]?.latencies ?? []).p50.toFixed(1),
    ]);
    const table = markdownTable(['tokens', 'packed', 'flat top-k', 'p50, ms'], rows);
    const { p50 } = percentilesOf(searches);
    process.stdout.write(
      `${table}\n\n${docs.length} memories, ${queries.length} questions; a search for ten p50 ${p50.toFixed(1)} ms\n`,
    );
  } finally {
    client.close();
    await service.stop();
  }
}

const keyOf = ({ group, id }: Doc): string => `${group} ${id}`;

async function consolidateAll(client: SomaClient): Promise<void> {
  let done = false;
  while (!done) {
    ({ done } = await client.post<{ done: boolean }>('/hierarchy/consolidate', {
      window_seconds: 86_400,
    }));
  }
}

/** The ranking that the plain context is made of; how long a search for ten takes is noted. */
async function flatHits(client: SomaClient, query: Query, latencies: number[]): Promise<Told[]> {
  const began = performance.now();
  await client.post<SearchAnswer>('/memories/search', searchOf(query, 10));
  latencies.push(performance.now() - began);
  const { memories } = await client.post<SearchAnswer>(
    '/memories/search',
    searchOf(query, FLAT_HITS),
  );
  return memories.map(({ metadata, content }) => ({ id: String(metadata.doc_id), text: content }));
}

function contextOf(query: Query, budget: number): Record<string, unknown> {
  const { top_k: _, ...asked } = searchOf(query, 1);
  return { ...asked, max_tokens: budget };
}

await main();
