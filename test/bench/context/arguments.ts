import { parseArgs } from 'node:util';
import type { Stack } from '../service-environment.ts';

export interface ContextArguments {
  /** Folder of one set: docs.jsonl and queries.jsonl. */
  data: string;
  embedder: 'hash' | 'openai';
  stack: Stack;
  /** Only every so many-th question is asked. */
  every: number;
  /** Whether digests of the hierarchy compete too; then all is consolidated first. */
  tiers: 'stored' | 'all';
  json: boolean;
}

const USAGE = `npm run bench:context -- --data DIR [--json] [--every N] [--embedder hash|openai] [--stack embedded|production] [--tiers stored|all]`;

/** Reads the command line; throws with the usage when it is not valid. */
export function parseContextArguments(args: readonly string[]): ContextArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string' },
      embedder: { type: 'string', default: 'hash' },
      stack: { type: 'string', default: 'embedded' },
      every: { type: 'string', default: '1' },
      tiers: { type: 'string', default: 'stored' },
      json: { type: 'boolean', default: false },
    },
  });
  const { data, embedder, stack, tiers, json } = values;
  if (data === undefined) throw usage('--data is missing');
  if (embedder !== 'hash' && embedder !== 'openai') {
    throw usage(`--embedder is ${embedder}, not hash or openai`);
  }
  if (stack !== 'embedded' && stack !== 'production') {
    throw usage(`--stack is ${stack}, not embedded or production`);
  }
  if (tiers !== 'stored' && tiers !== 'all') {
    throw usage(`--tiers is ${tiers}, not stored or all`);
  }
  const every = Number(values.every);
  if (!Number.isInteger(every) || every < 1) {
    throw usage(`--every is ${values.every}, not a whole number above 0`);
  }
  return { data, embedder, stack, every, tiers, json };
}

const usage = (problem: string): Error => new Error(`${problem}\n${USAGE}`);
