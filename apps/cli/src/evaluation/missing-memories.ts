import type { ApiClient } from '../api-client.js';
import { sendPatiently } from '../patient-send.js';
import { inParallel } from './in-parallel.js';
import type { LabelledQuery } from './labelled-query.js';
import type { MatchBy } from './match-by.js';

export interface MissingMemory {
  readonly line: number;
  readonly relevant: string;
}

interface LookUp {
  readonly api: ApiClient;
  readonly match: MatchBy;
  readonly namespace?: string;
  readonly concurrency: number;
}

interface Unseen {
  readonly key: string;
  readonly namespace?: string;
}

/**
 * Of the relevant memories that no search brought up, those that the service does not have. One that
 * cannot be looked up with this token counts as there.
 */
export async function missingMemories(
  unseen: readonly { query: LabelledQuery; keys: readonly string[] }[],
  { api, match, namespace, concurrency }: LookUp,
): Promise<readonly MissingMemory[]> {
  const wanted = new Map<string, Unseen>();
  for (const { query, keys } of unseen) {
    const within = query.namespace ?? namespace;
    for (const key of keys) wanted.set(nameOf(key, within), { key, namespace: within });
  }
  const isThere = await inParallel([...wanted.values()], concurrency, (memory) =>
    exists(api, match, memory),
  );
  const missing = new Set([...wanted.keys()].filter((_, index) => isThere[index] === false));
  return unseen.flatMap(({ query: { line, namespace: own }, keys }) =>
    keys
      .filter((key) => missing.has(nameOf(key, own ?? namespace)))
      .map((relevant) => ({ line, relevant })),
  );
}

const nameOf = (key: string, namespace: string | undefined): string =>
  JSON.stringify([namespace, key]);

async function exists(
  api: ApiClient,
  match: MatchBy,
  { key, namespace }: Unseen,
): Promise<boolean> {
  try {
    const { status, body } = await sendPatiently<{ memories?: readonly unknown[] }>(
      api,
      match.lookUp(key, namespace),
    );
    return status !== 404 && body.memories?.length !== 0;
  } catch {
    return true;
  }
}
