import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { embedderSettings } from '../embedder-settings.ts';
import { startService } from '../service-process.ts';
import type { RunningService } from '../service-process.ts';
import { SomaClient } from '../soma-client.ts';
import { parseRetrievalArguments } from './arguments.ts';
import type { RetrievalArguments } from './arguments.ts';
import { readDataset } from './dataset.ts';
import { askJudge, disagreements } from './judge.ts';
import { describeRetrieval } from './report.ts';
import type { RetrievalReport } from './report.ts';
import { runRetrieval } from './run-retrieval.ts';
import { runFile, scoreRun } from './score.ts';
import type { Rankings, Scores } from './score.ts';

/** A model on a CPU may need seconds for a batch. */
const BULK_ITEMS = { hash: 250, openai: 50 };

async function main(): Promise<void> {
  const given = parseRetrievalArguments(process.argv.slice(2));
  const dataset = readDataset(given.data);
  const begun = Date.now();
  const service = await serviceFor(given);
  const client = new SomaClient(service.url, service.token);
  try {
    const run = await runRetrieval(client, dataset, {
      k: given.k,
      bulkItems: BULK_ITEMS[given.embedder],
    });
    const { rankings, ...figures } = run;
    const scores = scoreRun(dataset.queries, rankings);
    if (given.out !== undefined) writeFileSync(given.out, runFile(rankings));
    const report: RetrievalReport = {
      ...scores,
      set: basename(resolve(given.data)),
      embedder: given.embedder,
      stack: given.remote === undefined ? given.stack : given.remote.url,
      k: given.k,
      documents: dataset.docs.length,
      ...figures,
      took_s: (Date.now() - begun) / 1000,
      judged: await heldAgainstJudge(given, rankings, scores),
    };
    process.stdout.write(
      `${given.json ? JSON.stringify(report, null, 2) : describeRetrieval(report)}\n`,
    );
  } finally {
    client.close();
    await service.stop();
  }
}

async function serviceFor(given: RetrievalArguments): Promise<RunningService> {
  if (given.remote !== undefined) return { ...given.remote, stop: () => Promise.resolve() };
  return startService({
    stack: given.stack,
    settings: embedderSettings(given.embedder, process.env),
  });
}

/** Compares with the judge, if there is one; throws when it says anything else. */
async function heldAgainstJudge(
  { judge, data }: RetrievalArguments,
  rankings: Rankings,
  scores: Scores,
): Promise<boolean> {
  const script = judge ?? join(data, '..', 'judge.py');
  if (judge === undefined && !existsSync(script)) return false;
  const folder = mkdtempSync(join(tmpdir(), 'soma-run-'));
  try {
    const runPath = join(folder, 'run.jsonl');
    writeFileSync(runPath, runFile(rankings));
    const differences = disagreements(scores, await askJudge(script, data, runPath));
    if (differences.length > 0) {
      throw new Error(`${script} scores this run otherwise:\n${differences.join('\n')}`);
    }
    return true;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
