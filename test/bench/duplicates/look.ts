import { NAMESPACE } from '../consolidate/episodes.ts';
import { cpuSeconds } from '../service-metrics.ts';
import type { SomaClient } from '../soma-client.ts';

/** As `soma duplicates` asks. */
const LIMIT = 100;

export interface Look {
  readonly seconds: number;
  /** Of the API process: what a busy machine does not change. */
  readonly cpuSeconds: number;
  readonly lookedAt: number;
  readonly merged: number;
  /** `since` of the next look. */
  readonly upTo: string | undefined;
}

interface Step {
  readonly looked_at: number;
  readonly looked_up_to: string | null;
  readonly merged: number;
  readonly next_cursor: string | null;
}

/** Merges all duplicates, or those of what was changed since, step by step to the end. */
export async function lookForDuplicates(client: SomaClient, since?: string): Promise<Look> {
  const cpuBefore = await cpuSeconds(client.url);
  const began = performance.now();
  let [lookedAt, merged, upTo] = [0, 0, since];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const body = { namespace: NAMESPACE, dry_run: false, limit: LIMIT, since, cursor };
    const step: Step = await client.post<Step>('/hierarchy/duplicates', body);
    lookedAt += step.looked_at;
    merged += step.merged;
    upTo = step.looked_up_to ?? upTo;
    cursor = step.next_cursor;
  }
  const seconds = (performance.now() - began) / 1_000;
  return {
    seconds,
    cpuSeconds: (await cpuSeconds(client.url)) - cpuBefore,
    lookedAt,
    merged,
    upTo,
  };
}
