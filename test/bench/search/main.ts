import { availableParallelism } from 'node:os';
import type { BulkAnswer, SearchAnswer } from '../contract.ts';
import { markdownTable } from '../markdown-table.ts';
import { percentile, percentilesOf } from '../percentiles.ts';
import { Progress } from '../progress.ts';
import { bulkBatches } from '../retrieval/bulk-batches.ts';
import { startService } from '../service-process.ts';
import { SomaClient } from '../soma-client.ts';
import { untilIndexed } from '../until-indexed.ts';
import { parseSearchArguments } from './arguments.ts';
import { madeUpTexts, NAMESPACE, textsOf } from './texts.ts';

const RECIPES = ['context', 'hybrid', 'lexical', 'dense'] as const;
const STAGES = ['embed', 'arms', 'context', 'rank', 'read'] as const;
const TOP_K = 10;
const WARM_UP = 10;
/** An index shows what it was given last only after a while: see visibilityLagMs. */
const SETTLE_MS = 8_000;

/** One client, the recipes in turn for each query, so that all meet the same machine. */
async function main(): Promise<void> {
  const { n, q, data, stack, json } = parseSearchArguments(process.argv.slice(2));
  const { memories, queries } = data === undefined ? madeUpTexts(n, q) : textsOf(data, n, q);
  const service = await startService({ stack });
  const client = new SomaClient(service.url, service.token);
  try {
    const storing = new Progress('storing', n);
    for (const batch of bulkBatches(memories)) {
      const { failed } = await client.post<BulkAnswer>('/memories/bulk', batch);
      if (failed > 0) throw new Error(`${failed} memories were refused`);
      storing.advance(batch.memories.length);
    }
    await untilIndexed(client);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const runs = Object.fromEntries(RECIPES.map((recipe) => [recipe, emptyRun()]));
    const asking = new Progress('asking', queries.length);
    for (const [at, query] of queries.entries()) {
      for (const recipe of RECIPES) {
        const asked = performance.now();
        const body = { query, namespace: NAMESPACE, top_k: TOP_K, recipe };
        const answer = await client.post<SearchAnswer>('/memories/search', body);
        const took = performance.now() - asked;
        if (answer.partial) throw new Error('an answer is partial: the index is not ready');
        const run = runs[recipe];
        if (at < WARM_UP || !run) continue;
        run.latencies.push(took);
        for (const stage of STAGES) run.stages[stage].push(answer.stages_ms[stage] ?? 0);
      }
      asking.advance();
    }
    const dense = percentile(runs.dense?.latencies ?? [], 50);
    const rows = RECIPES.map((recipe) => {
      const { latencies, stages } = runs[recipe] ?? emptyRun();
      const { p50, p95 } = percentilesOf(latencies);
      const medians = Object.fromEntries(
        STAGES.map((stage) => [stage, percentile(stages[stage], 50)]),
      );
      return { recipe, p50, p95, to_dense: p50 / dense, stages_ms: medians };
    });
    const report = { stack, n, q: queries.length, data: data ?? 'made up', recipes: rows };
    process.stdout.write(
      json
        ? `${JSON.stringify(report, null, 2)}\n`
        : `${stack}, ${n} memories in one namespace, 1 client, ${availableParallelism()} CPUs, ms\n${tableOf(rows)}\n`,
    );
  } finally {
    client.close();
    await service.stop();
  }
}

interface Run {
  latencies: number[];
  stages: Record<(typeof STAGES)[number], number[]>;
}

const emptyRun = (): Run => ({
  latencies: [],
  stages: { embed: [], arms: [], context: [], rank: [], read: [] },
});

interface Row {
  recipe: string;
  p50: number;
  p95: number;
  to_dense: number;
  stages_ms: Record<string, number>;
}

function tableOf(rows: readonly Row[]): string {
  return markdownTable(
    ['recipe', 'p50', 'p95', 'x dense', ...STAGES],
    rows.map(({ recipe, p50, p95, to_dense: ratio, stages_ms: medians }) => [
      recipe,
      p50.toFixed(1),
      p95.toFixed(1),
      ratio.toFixed(2),
      ...STAGES.map((stage) => (medians[stage] ?? 0).toFixed(1)),
    ]),
  );
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
