import { Progress } from '../progress.ts';
import type { Stack } from '../service-environment.ts';
import { parseRecallArguments } from './arguments.ts';
import type { RecallArguments } from './arguments.ts';
import type { VectorKind } from './corpus.ts';
import { ask, questionsOf } from './measure.ts';
import type { Question } from './measure.ts';
import { MilvusCandidate } from './milvus-candidate.ts';
import { describeRecall, shortfalls } from './report.ts';
import type { RecallReport, RecallRow } from './report.ts';
import { FlatCandidate } from './stage.ts';
import type { Candidate } from './stage.ts';
import { tenantOf } from './tenant.ts';
import type { Tenant } from './tenant.ts';

async function main(): Promise<void> {
  const given = parseRecallArguments(process.argv.slice(2));
  const begun = Date.now();
  const candidates = candidatesOf(given.stack);
  const rows: RecallRow[] = [];
  try {
    for (const kind of given.vectors) rows.push(...(await measured(candidates, kind, given)));
  } finally {
    for (const candidate of candidates) await candidate.close();
  }
  const { stack, least, queries, seed } = given;
  const took_s = (Date.now() - begun) / 1000;
  const report: RecallReport = { stack, least, queries, seed, rows, took_s };
  process.stdout.write(
    `${given.json ? JSON.stringify(report, null, 2) : describeRecall(report)}\n`,
  );
  if (shortfalls(report).length > 0) process.exitCode = 1;
}

/** Exact search comes first: the others' times are held against its. */
function candidatesOf(stack: Stack): Candidate[] {
  if (stack === 'embedded') return [new FlatCandidate()];
  const { SOMA_MILVUS_ADDRESS, SOMA_MILVUS_LITE_ADDRESS } = process.env;
  if (!SOMA_MILVUS_ADDRESS) {
    throw new Error(
      '--stack production needs SOMA_MILVUS_ADDRESS: start the servers with tools/services and set what it prints',
    );
  }
  return [
    new FlatCandidate(),
    new MilvusCandidate(SOMA_MILVUS_ADDRESS, false),
    ...(SOMA_MILVUS_LITE_ADDRESS ? [new MilvusCandidate(SOMA_MILVUS_LITE_ADDRESS, true)] : []),
  ];
}

async function measured(
  candidates: readonly Candidate[],
  kind: VectorKind,
  { sizes, queries, seed }: RecallArguments,
): Promise<RecallRow[]> {
  const tenants = await Promise.all(sizes.map((size) => tenantOf(kind, { size, queries, seed })));
  const questions = tenants.flatMap((tenant) => questionsOf(tenant));
  const exactP50 = new Map<Question, number>();
  const rows: RecallRow[] = [];
  for (const candidate of candidates) {
    const fits = ({ entries }: Tenant): boolean => entries.length <= candidate.mostMemories;
    const asked = questions.filter(({ tenant }) => fits(tenant));
    for await (const { name, index } of candidate.stages(tenants.filter(fits), kind)) {
      const progress = new Progress('asking', asked.length);
      for (const question of asked) {
        const answered = await ask(index, question);
        const exact = exactP50.get(question) ?? answered.p50;
        exactP50.set(question, exact);
        rows.push({
          index: name,
          vectors: kind,
          memories: question.tenant.entries.length,
          selectivity: question.selectivity,
          matching: question.matching,
          ...answered,
          ratio: answered.p50 / exact,
        });
        progress.advance();
      }
    }
  }
  return rows;
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
