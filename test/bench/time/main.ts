import { parseArgs } from 'node:util';
import type { BulkAnswer } from '../contract.ts';
import { markdownTable } from '../markdown-table.ts';
import { percentilesOf } from '../percentiles.ts';
import { Progress } from '../progress.ts';
import { bulkBatches } from '../retrieval/bulk-batches.ts';
import { madeUpTexts, NAMESPACE } from '../search/texts.ts';
import type { Stack } from '../service-environment.ts';
import { startService } from '../service-process.ts';
import { SomaClient } from '../soma-client.ts';
import { untilIndexed } from '../until-indexed.ts';

const QUERIES = 15;
const DAY_MS = 86_400_000;

const { values: given } = parseArgs({
  options: {
    n: { type: 'string', default: '5000' },
    facts: { type: 'string', default: '1000' },
    stack: { type: 'string', default: 'embedded' },
    json: { type: 'boolean', default: false },
  },
});

/** One client: what a search of the past costs, and a fact in a slot with a long history. */
async function main(): Promise<void> {
  const [n, facts] = [Number(given.n), Number(given.facts)];
  const { memories, queries } = madeUpTexts(n, QUERIES);
  const service = await startService({ stack: given.stack as Stack });
  const client = new SomaClient(service.url, service.token);
  const timed: Record<string, number[]> = {};
  const measure = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    const began = performance.now();
    await work();
    (timed[name] ??= []).push(performance.now() - began);
  };
  const state = (slot: string, position: number) =>
    client.post('/memories', {
      content: `fact ${position} of ${slot}`,
      namespace: slot,
      slot,
      valid_from: new Date(position * DAY_MS).toISOString(),
    });
  try {
    const storing = new Progress('storing', n);
    for (const batch of bulkBatches(memories)) {
      const { failed } = await client.post<BulkAnswer>('/memories/bulk', batch);
      if (failed > 0) throw new Error(`${failed} memories were refused`);
      storing.advance(batch.memories.length);
    }
    await untilIndexed(client);
    const now = new Date().toISOString();
    for (const query of queries) {
      const search = (more: object) =>
        client.post('/memories/search', { query, namespace: NAMESPACE, ...more });
      await measure('search', () => search({}));
      await measure('search known_at', () => search({ known_at: now }));
      await measure('search valid_at', () => search({ valid_at: now }));
      await measure('list known_at', () =>
        client.get(`/memories?namespace=${NAMESPACE}&known_at=${now}`),
      );
    }
    for (let position = 1; position <= facts; position++) {
      const name =
        position <= 50 ? 'store, fact 1-50' : `store, fact ${facts - 49}-${facts} of a slot`;
      const store = () => state('one', (position * 7_919) % 100_003);
      if (position <= 50 || position > facts - 50) await measure(name, store);
      else await store();
      await (position <= 50 || position > facts - 50
        ? measure('store, no slot', () =>
            client.post('/memories', { content: `text ${position}`, namespace: 'none' }),
          )
        : undefined);
    }
    const rows = Object.entries(timed).map(([name, ms]) => ({ name, ...percentilesOf(ms) }));
    const table = markdownTable(
      ['ms', 'p50', 'p95'],
      rows.map(({ name, p50, p95 }) => [name, p50.toFixed(1), p95.toFixed(1)]),
    );
    process.stdout.write(`${given.json ? JSON.stringify({ n, facts, rows }) : table}\n`);
  } finally {
    client.close();
    await service.stop();
  }
}

await main();
