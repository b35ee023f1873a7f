import type {
  BulkAnswer,
  Memory,
  NeighborsAnswer,
  PathAnswer,
  SearchAnswer,
} from '../test/bench/contract.ts';
import { startService } from '../test/bench/service-process.ts';
import type { RunningService } from '../test/bench/service-process.ts';
import { SomaClient } from '../test/bench/soma-client.ts';
import { readHistory } from './history.ts';
import { bar, faint, heading, wrapped } from './terminal.ts';

interface Recall {
  query: string;
  memory_type?: string;
}

const RECALLS: Recall[] = [
  { query: 'Why was the sourdough oversold?' },
  { query: 'How much does a delivery cost, and how far do we go?' },
  { query: 'Which customer has a nut allergy?' },
  { query: 'What do I have to do before the next holiday?', memory_type: 'procedural' },
];
const NEIGHBOURS_OF = '5,3,0';
const PATH = { from: '1,3,0', to: '7,1,0' };

const { namespace, memories, links } = readHistory();

// `npm run demo | head` closes the pipe early.
process.stdout.once('error', () => process.exit());

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const service = await theService();
  const client = new SomaClient(service.url, service.token);
  try {
    await store(client);
    for (const recall of RECALLS) await showRecall(client, recall);
    await showNeighbours(client, NEIGHBOURS_OF);
    await showPath(client, PATH.from, PATH.to);
  } finally {
    client.close();
    await service.stop();
  }
}

/** The one that SOMA_URL and SOMA_TOKEN name, or one of our own. */
async function theService(): Promise<RunningService> {
  const { SOMA_URL: url, SOMA_TOKEN: token } = process.env;
  if (url && token) return { url, token, stop: () => Promise.resolve() };
  return timed('Started the service with an empty data folder', () =>
    startService({ stack: 'embedded' }),
  );
}

async function store(client: SomaClient): Promise<void> {
  await timed(
    `Stored ${memories.length} memories and ${links.length} links of an agent that helps a bakery`,
    async () => {
      const { results, failed } = await client.post<BulkAnswer>('/memories/bulk', { memories });
      const refused = results.find((result) => result.error !== undefined);
      if (refused !== undefined) {
        throw new Error(`${failed} memories were refused: ${refused.error?.detail}`);
      }
      for (const link of links) await client.post('/graph/link', link);
    },
  );
}

async function showRecall(client: SomaClient, recall: Recall): Promise<void> {
  const asked = { ...recall, namespace, top_k: 3 };
  const answer = await client.post<SearchAnswer>('/memories/search', asked);
  print(heading(`“${recall.query}”`));
  const only = recall.memory_type === undefined ? '' : `${recall.memory_type} memories only, `;
  print(faint(`   ${only}${answer.took_ms.toFixed(0)} ms`));
  for (const memory of answer.memories) {
    print(`   ${bar(memory.score)} ${memory.score.toFixed(3)}  ${faint(about(memory))}`);
    print(wrapped(memory.content, 3));
  }
}

async function showNeighbours(client: SomaClient, coord: string): Promise<void> {
  const center = await client.get<Memory>(
    `/memories/${encodeURIComponent(coord)}?namespace=${namespace}`,
  );
  const asked = new URLSearchParams({ coord, namespace, direction: 'both', depth: '1' });
  const { neighbors } = await client.get<NeighborsAnswer>(`/graph/neighbors?${asked}`);
  print(heading(`Neighbours of ${coord}`));
  print(wrapped(center.content, 3));
  for (const { memory, link } of neighbors) {
    const outward = link.from_coord === center.coordinate;
    const arrow = outward ? `── ${link.link_type} ─▶` : `◀─ ${link.link_type} ──`;
    print(`   ${arrow} ${faint(about(memory))}`);
    print(wrapped(memory.content, 6));
  }
}

async function showPath(client: SomaClient, from: string, to: string): Promise<void> {
  const asked = new URLSearchParams({
    from_coord: from,
    to_coord: to,
    namespace,
    link_type: 'causes',
    max_length: '8',
  });
  const path = await client.get<PathAnswer>(`/graph/path?${asked}`);
  print(heading(`How ${from} led to ${to}: ${path.length} causes`));
  path.memories.forEach((memory, step) => {
    const link = path.links[step - 1];
    if (link !== undefined) print(`   ▼ ${link.link_type} ${faint(`strength ${link.strength}`)}`);
    print(wrapped(memory.content, 3));
  });
  print(faint(`   strength of the whole chain: ${path.strength.toFixed(3)}`));
}

function about(memory: Memory): string {
  const day = memory.occurred_at?.slice(0, 10) ?? '';
  return `${memory.memory_type} · ${memory.coordinate} · ${day}`;
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  const result = await work();
  print(`${what} ${faint(`(${((performance.now() - begun) / 1000).toFixed(1)} s)`)}`);
  return result;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
