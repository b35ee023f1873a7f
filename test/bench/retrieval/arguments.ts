import { parseArgs } from 'node:util';
import type { Stack } from '../service-environment.ts';

export interface RetrievalArguments {
  /** Folder of one set: docs.jsonl and queries.jsonl. */
  data: string;
  embedder: 'hash' | 'openai';
  stack: Stack;
  /** Memories asked for per query, 1 to 1,000. */
  k: number;
  json: boolean;
  /** Where the run file goes, if anywhere. */
  out?: string;
  /** judge.py to compare with; by default the one beside the set, if there is one. */
  judge?: string;
  /** A service that already runs, instead of one started here. */
  remote?: { url: string; token: string };
}

export const RETRIEVAL_USAGE = `npm run bench:retrieval -- --data DIR --embedder hash|openai [--json] [--k 100]
  [--stack embedded|production] [--out RUN.jsonl] [--judge judge.py] [--base-url URL --token T]`;

/** Reads the command line; throws with the usage when it is not valid. */
export function parseRetrievalArguments(args: readonly string[]): RetrievalArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string' },
      embedder: { type: 'string', default: 'hash' },
      stack: { type: 'string', default: 'embedded' },
      k: { type: 'string', default: '100' },
      json: { type: 'boolean', default: false },
      out: { type: 'string' },
      judge: { type: 'string' },
      'base-url': { type: 'string' },
      token: { type: 'string' },
    },
  });
  const k = Number(values.k);
  if (values.data === undefined) throw usage('--data is missing');
  if (values.embedder !== 'hash' && values.embedder !== 'openai') {
    throw usage(`--embedder is ${values.embedder}, not hash or openai`);
  }
  if (values.stack !== 'embedded' && values.stack !== 'production') {
    throw usage(`--stack is ${values.stack}, not embedded or production`);
  }
  if (!Number.isInteger(k) || k < 1 || k > 1000) {
    throw usage(`--k is ${values.k}, not a whole number from 1 to 1000`);
  }
  if ((values['base-url'] === undefined) !== (values.token === undefined)) {
    throw usage('--base-url and --token go together');
  }
  return {
    data: values.data,
    embedder: values.embedder,
    stack: values.stack,
    k,
    json: values.json,
    out: values.out,
    judge: values.judge,
    remote:
      values['base-url'] !== undefined && values.token !== undefined
        ? { url: values['base-url'], token: values.token }
        : undefined,
  };
}

function usage(problem: string): Error {
  return new Error(`${problem}\n${RETRIEVAL_USAGE}`);
}
