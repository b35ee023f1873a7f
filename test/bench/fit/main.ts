import { Progress } from '../progress.ts';
import { readDataset } from '../retrieval/dataset.ts';
import { startService } from '../service-process.ts';
import { SomaClient } from '../soma-client.ts';
import { parseFitArguments } from './arguments.ts';
import type { FitArguments } from './arguments.ts';
import { collect } from './collect.ts';
import type { Collected } from './collect.ts';
import { embedderSettings } from '../embedder-settings.ts';
import { ExplainedAnswers } from './explained-answer.ts';
import { describeFit } from './report.ts';
import type { FeatureRow, FitReport, Ranked } from './report.ts';
import { reach } from './scoring.ts';
import { Study } from './study.ts';
import type { StudyOptions } from './study.ts';

const BULK_ITEMS = { hash: 250, openai: 50 };

async function main(): Promise<void> {
  const given = parseFitArguments(process.argv.slice(2));
  const begun = Date.now();
  const answers = new ExplainedAnswers();
  const collected: Collected[] = [];
  for (const set of given.sets) collected.push(await collectFrom(set, given, answers));
  const took_s = (): number => (Date.now() - begun) / 1000;
  const report = reportOf(given, collected, answers, took_s);
  process.stdout.write(`${given.json ? JSON.stringify(report, null, 2) : describeFit(report)}\n`);
}

/** A service of its own for each set: namespaces of two sets may have the same name. */
async function collectFrom(
  { name, folder }: FitArguments['sets'][number],
  { stack, embedder, topK }: FitArguments,
  answers: ExplainedAnswers,
): Promise<Collected> {
  const dataset = readDataset(folder);
  const service = await startService({ stack, settings: embedderSettings(embedder, process.env) });
  const client = new SomaClient(service.url, service.token);
  try {
    const bulkItems = BULK_ITEMS[embedder];
    return await collect(client, { set: name, ...dataset }, answers, { topK, bulkItems });
  } finally {
    client.close();
    await service.stop();
  }
}

function reportOf(
  given: FitArguments,
  collected: readonly Collected[],
  { inForce }: ExplainedAnswers,
  took_s: () => number,
): FitReport {
  const queries = collected.flatMap((set) => set.queries);
  const setWeights = new Map(given.sets.map(({ name, weight }) => [name, weight]));
  const options: StudyOptions = {
    setWeights,
    hold: given.hold,
    l2: given.l2,
    fitted: () => fitting.advance(),
  };
  const study = new Study(queries, inForce, options);
  const fits =
    1 +
    (given.leaveOneOut ? study.namespaces.length : 0) +
    (given.ablate ? study.ablations.length : 0);
  const fitting = new Progress('fitting', fits);
  const ranked = (weights: Float64Array): Ranked => ({
    by_set: study.scores(weights),
    by_namespace: study.scoresByNamespace(weights),
    recalibrated: study.calibrate(weights),
  });
  const before = study.weightsInForce;
  const fitted = study.fit();
  return {
    embedder: given.embedder,
    model: collected[0]?.model ?? '',
    stack: given.stack,
    top_k: given.topK,
    l2: given.l2,
    queries: queries.length,
    candidates: queries.reduce((sum, { candidates }) => sum + candidates, 0) / queries.length,
    set_weights: Object.fromEntries(setWeights),
    reach: reach(queries),
    features: inForce.features.map((name, f): FeatureRow => ({
      name,
      in_force: before[f]!,
      fitted: fitted[f]!,
      ...heldBy(name, given.hold, study.untold),
    })),
    in_force: {
      ...ranked(before),
      ...(inForce.calibration && { calibrated: study.calibrate(before, inForce.calibration) }),
    },
    fitted: ranked(fitted),
    left_out: given.leaveOneOut ? study.leaveOneOut() : undefined,
    ablation: given.ablate ? study.ablate() : undefined,
    took_s: took_s(),
  };
}

function heldBy(
  name: string,
  hold: readonly string[],
  untold: readonly string[],
): Pick<FeatureRow, 'held'> {
  if (untold.includes(name)) return { held: 'data' };
  return hold.includes(name) ? { held: 'hand' } : {};
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
