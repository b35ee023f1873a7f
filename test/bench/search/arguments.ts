import { parseArgs } from 'node:util';
import type { Stack } from '../service-environment.ts';

export interface SearchBenchArguments {
  /** Memories in the namespace. */
  n: number;
  /** Queries of each recipe. */
  q: number;
  /** Folder of a set (docs.jsonl, queries.jsonl) to use instead of made-up texts. */
  data: string | undefined;
  stack: Stack;
  json: boolean;
}

export const SEARCH_USAGE =
  'npm run bench:search -- [--n 10000] [--q 200] [--data DIR] [--stack embedded|production] [--json]';

/** Reads the command line; throws with the usage when it is not valid. */
export function parseSearchArguments(args: readonly string[]): SearchBenchArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      n: { type: 'string', default: '10000' },
      q: { type: 'string', default: '200' },
      data: { type: 'string' },
      stack: { type: 'string', default: 'embedded' },
      json: { type: 'boolean', default: false },
    },
  });
  if (values.stack !== 'embedded' && values.stack !== 'production') {
    throw new Error(`--stack is ${values.stack}, not embedded or production\n${SEARCH_USAGE}`);
  }
  return {
    n: positive('--n', values.n),
    q: positive('--q', values.q),
    data: values.data,
    stack: values.stack,
    json: values.json,
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`${name} is ${text}, not a whole number above 0\n${SEARCH_USAGE}`);
}
