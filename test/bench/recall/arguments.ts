import { parseArgs } from 'node:util';
import type { Stack } from '../service-environment.ts';
import { wholeNumbers } from '../whole-number.ts';
import { VECTOR_KINDS } from './corpus.ts';
import type { VectorKind } from './corpus.ts';

export interface RecallArguments {
  stack: Stack;
  /** Memories of each tenant, the fewest first. */
  sizes: number[];
  vectors: VectorKind[];
  /** Queries of each row. */
  queries: number;
  seed: number;
  /** The recall below which a row fails. */
  least: number;
  json: boolean;
}

export const RECALL_USAGE = `npm run bench:recall -- [--stack embedded|production] [--sizes 1000,10000,50000]
  [--vectors texts,random] [--queries 50] [--seed 1] [--least 0.95] [--json]`;

/** Reads the command line; throws with the usage when it is not valid. */
export function parseRecallArguments(args: readonly string[]): RecallArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      stack: { type: 'string', default: 'embedded' },
      sizes: { type: 'string', default: '1000,10000,50000' },
      vectors: { type: 'string', default: VECTOR_KINDS.join(',') },
      queries: { type: 'string', default: '50' },
      seed: { type: 'string', default: '1' },
      least: { type: 'string', default: '0.95' },
      json: { type: 'boolean', default: false },
    },
  });
  if (values.stack !== 'embedded' && values.stack !== 'production') {
    throw usage(`--stack is ${values.stack}, not embedded or production`);
  }
  const least = Number(values.least);
  if (!(least >= 0 && least <= 1)) throw usage(`--least is ${values.least}, not 0 to 1`);
  return {
    stack: values.stack,
    sizes: values.sizes
      .split(',')
      .map((size) => whole('--sizes', size, 1, 1_000_000))
      .toSorted((a, b) => a - b),
    vectors: values.vectors.split(',').map(vectorKind),
    queries: whole('--queries', values.queries, 1, 10_000),
    seed: whole('--seed', values.seed, 0, 2 ** 32 - 1),
    least,
    json: values.json,
  };
}

function vectorKind(text: string): VectorKind {
  const kind = VECTOR_KINDS.find((known) => known === text);
  if (kind === undefined) {
    throw usage(`--vectors is ${text}, not of ${VECTOR_KINDS.join(', ')}`);
  }
  return kind;
}

const whole = wholeNumbers(RECALL_USAGE);

function usage(problem: string): Error {
  return new Error(`${problem}\n${RECALL_USAGE}`);
}
