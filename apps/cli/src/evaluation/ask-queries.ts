import type { ApiClient } from '../api-client.js';
import { CliError } from '../cli-error.js';
import { jsonObject } from '../json-text.js';
import type { SearchReply } from '../memory.js';
import { sendPatiently } from '../patient-send.js';
import { inParallel } from './in-parallel.js';
import type { LabelledQuery } from './labelled-query.js';
import type { MatchBy } from './match-by.js';
import { type Places, placesOf } from './ranking-measures.js';

/** More than any answer has, so that the service counts tokens and leaves nothing out. */
const TOKENS_WITHOUT_END = 1_000_000;
const FAILURES_TO_GIVE_UP_AT = 10;

export interface Answered {
  readonly query: LabelledQuery;
  readonly reply: SearchReply;
  readonly places: Places;
  readonly roundTripMs: number;
}

export interface Failed {
  readonly query: LabelledQuery;
  readonly error: CliError;
}

export interface Asking {
  readonly api: ApiClient;
  readonly match: MatchBy;
  readonly recipe?: string;
  readonly namespace?: string;
  readonly k: number;
  readonly concurrency: number;
  readonly onOutcome: (hasFailed: boolean) => void;
}

/**
 * Asks every query, with explanations. A query that fails is told apart from the others.
 * @throws CliError when ten in a row fail that are not refused for what they say.
 */
export async function askQueries(
  queries: readonly LabelledQuery[],
  asking: Asking,
): Promise<readonly (Answered | Failed)[]> {
  const [first] = queries;
  // Not counted: the service loads its token vocabulary and opens connections.
  if (first) await ask(first, asking);
  let inARow = 0;
  return inParallel(queries, asking.concurrency, async (query) => {
    const outcome = await ask(query, asking);
    const isAway = 'error' in outcome && !isRefused(outcome.error);
    inARow = isAway ? inARow + 1 : 0;
    if (isAway && inARow === FAILURES_TO_GIVE_UP_AT) throw gaveUp(outcome.error);
    asking.onOutcome('error' in outcome);
    return outcome;
  });
}

async function ask(
  query: LabelledQuery,
  { api, match, recipe, namespace, k }: Asking,
): Promise<Answered | Failed> {
  const began = performance.now();
  try {
    const { body: reply } = await sendPatiently<SearchReply>(api, {
      method: 'POST',
      path: '/memories/search',
      body: jsonObject({
        query: query.query,
        top_k: k,
        namespace: query.namespace ?? namespace,
        filter: query.filter,
        at: query.at,
        recipe,
        explain: true,
        max_tokens: TOKENS_WITHOUT_END,
      }),
    });
    const roundTripMs = performance.now() - began;
    const places = placesOf(reply.memories.map(match.keysOf), query.relevant);
    return { query, reply, places, roundTripMs };
  } catch (error) {
    if (error instanceof CliError && !isForAll(error)) return { query, error };
    throw error;
  }
}

/** No query will fare better. */
const isForAll = ({ parts: { status } }: CliError): boolean => status === 401 || status === 403;

const isRefused = ({ parts: { status } }: CliError): boolean =>
  status === 400 || status === 413 || status === 422;

const gaveUp = (error: CliError): CliError =>
  error.with({
    detail: `Gave up after ${FAILURES_TO_GIVE_UP_AT} failures in a row. ${error.parts.detail}`,
  });
