import { setTimeout as sleep } from 'node:timers/promises';
import { storeAll, storeEpisodes } from '../consolidate/store-episodes.ts';
import { markdownTable } from '../markdown-table.ts';
import { startService } from '../service-process.ts';
import { SomaClient } from '../soma-client.ts';
import { untilIndexed } from '../until-indexed.ts';
import { additions } from './additions.ts';
import { DUPLICATES_USAGE, parseDuplicatesArguments } from './arguments.ts';
import { lookForDuplicates } from './look.ts';
import type { Look } from './look.ts';

/** What is new is compared one by one for a moment; a look after it shows what the index costs. */
const SETTLED_MS = 8_000;

interface Row extends Omit<Look, 'upTo'> {
  /** Memories stored before it. */
  readonly size: number;
  readonly what: string;
}

/** Stores up to each size, looks at all of it, then stores some more and looks at those. */
async function main(): Promise<void> {
  const { sizes, more, stack, json } = parseDuplicatesArguments(process.argv.slice(2));
  const settings = { SOMA_CONSOLIDATE_INTERVAL_S: '0' };
  const service = await startService({ stack, settings });
  const client = new SomaClient(service.url, service.token);
  const rows: Row[] = [];
  const look = async (size: number, what: string, since?: string): Promise<string | undefined> => {
    await untilIndexed(client);
    await sleep(SETTLED_MS);
    const { upTo, ...figures } = await lookForDuplicates(client, since);
    rows.push({ size, what, ...figures });
    return upTo;
  };
  try {
    let stored = 0;
    for (const size of sizes) {
      await storeEpisodes(client, stored, size - 1);
      // Alone: whatever was stored in one moment with the last is looked at again.
      await storeEpisodes(client, size - 1, size);
      const since = await look(size, 'all');
      const { memories, episodes } = additions(size, more);
      await storeAll(client, memories);
      await look(size, `${more} more`, since);
      stored = size + episodes;
    }
  } finally {
    client.close();
    await service.stop();
  }
  process.stdout.write(`${json ? JSON.stringify({ stack, rows }) : describe(rows)}\n`);
}

function describe(rows: readonly Row[]): string {
  const titles = ['memories there', 'duplicates of', 's', 'CPU, s', 'looked at', 'merged'];
  const cells = rows.map((row) => [
    String(row.size),
    row.what,
    row.seconds.toFixed(2),
    row.cpuSeconds.toFixed(2),
    String(row.lookedAt),
    String(row.merged),
  ]);
  return markdownTable(titles, cells);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.stderr.write(`${DUPLICATES_USAGE}\n`);
  process.exitCode = 1;
});
