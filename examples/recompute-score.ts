import { fileURLToPath } from 'node:url';

/** The parts of an explanation that a score is made of. */
export interface Explained {
  contributions: { feature: string; value: number; weight: number }[];
  calibration: { slope: number; intercept: number } | null;
}

export interface ExplainedMemory {
  coordinate: string;
  score: number;
  explanation: Explained;
}

interface Service {
  url: string;
  token: string;
  namespace?: string;
}

const TOLERANCE = 1e-9;

/** The score, from nothing but what the explanation says. */
export function recomputeScore({ contributions, calibration }: Explained): number {
  let sum = 0;
  for (const { value, weight } of contributions) sum += value * weight;
  if (calibration === null) return sum;
  return 1 / (1 + Math.exp(-(calibration.slope * sum + calibration.intercept)));
}

export const differenceOf = ({ score, explanation }: ExplainedMemory): number =>
  Math.abs(score - recomputeScore(explanation));

/** One search, with every score explained. */
export async function searchExplained(
  { url, token, namespace }: Service,
  query: string,
): Promise<ExplainedMemory[]> {
  const response = await fetch(`${url}/memories/search`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query, namespace, top_k: 100, explain: true }),
  });
  if (!response.ok) throw new Error(`The search failed: ${await response.text()}`);
  const { memories } = (await response.json()) as { memories: ExplainedMemory[] };
  return memories;
}

async function main(): Promise<void> {
  const { SOMA_URL: url = 'http://127.0.0.1:10101', SOMA_TOKEN: token } = process.env;
  const [query, namespace] = process.argv.slice(2);
  if (query === undefined || token === undefined) {
    throw new Error('SOMA_TOKEN=… node examples/recompute-score.ts "<question>" [namespace]');
  }
  const memories = await searchExplained({ url, token, namespace }, query);
  for (const memory of memories) {
    const recomputed = recomputeScore(memory.explanation);
    print(`${memory.score.toFixed(12)}  ${recomputed.toFixed(12)}  ${memory.coordinate}`);
  }
  const greatest = Math.max(0, ...memories.map(differenceOf));
  print(`${memories.length} scores recomputed, greatest difference ${greatest}`);
  if (greatest > TOLERANCE) process.exitCode = 1;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await main();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
