import { parseArgs } from 'node:util';
import type { Stack } from '../service-environment.ts';
import { wholeNumbers } from '../whole-number.ts';

export interface OperationsArguments {
  /** Memories stored before anything is timed. */
  n: number;
  /** Calls of each operation in one block. */
  q: number;
  /** Blocks of each side per operation and number of clients. */
  rounds: number;
  seed: number;
  stack: Stack;
  json: boolean;
}

export const OPERATIONS_USAGE =
  'npm run bench -- [--n 2000] [--q 50] [--rounds 4] [--seed 1] [--stack embedded|production] [--json]';

/** Reads the command line; throws with the usage when it is not valid. */
export function parseOperationsArguments(args: readonly string[]): OperationsArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      n: { type: 'string', default: '2000' },
      q: { type: 'string', default: '50' },
      rounds: { type: 'string', default: '4' },
      seed: { type: 'string', default: '1' },
      stack: { type: 'string', default: 'embedded' },
      json: { type: 'boolean', default: false },
    },
  });
  if (values.stack !== 'embedded' && values.stack !== 'production') {
    throw usage(`--stack is ${values.stack}, not embedded or production`);
  }
  return {
    n: whole('--n', values.n, 10, 1_000_000),
    q: whole('--q', values.q, 1, 100_000),
    rounds: whole('--rounds', values.rounds, 1, 1000),
    seed: whole('--seed', values.seed, 0, 2 ** 32 - 1),
    stack: values.stack,
    json: values.json,
  };
}

const whole = wholeNumbers(OPERATIONS_USAGE);

function usage(problem: string): Error {
  return new Error(`${problem}\n${OPERATIONS_USAGE}`);
}
