import { parseArgs } from 'node:util';
import type { Stack } from '../service-environment.ts';

export interface ConsolidateBenchArguments {
  /** Episodes at each measurement, rising. */
  sizes: number[];
  /** Episodes added afterwards, at each size. */
  more: number;
  /** Instead: what consolidation costs writes that go on beside it. */
  besideLoad: boolean;
  backlog: number;
  perSecond: number;
  seconds: number;
  rounds: number;
  stack: Stack;
  json: boolean;
}

export const CONSOLIDATE_USAGE =
  'npm run bench:consolidate -- [--sizes 10000,100000] [--more 100] [--stack embedded|production] [--json]\n       npm run bench:consolidate -- --beside-load [--backlog 10000] [--per-second 20] [--seconds 30] [--rounds 2] [--stack …] [--json]';

/** Reads the command line; throws with the usage when it is not valid. */
export function parseConsolidateArguments(args: readonly string[]): ConsolidateBenchArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      sizes: { type: 'string', default: '10000,100000' },
      more: { type: 'string', default: '100' },
      'beside-load': { type: 'boolean', default: false },
      backlog: { type: 'string', default: '10000' },
      'per-second': { type: 'string', default: '20' },
      seconds: { type: 'string', default: '30' },
      rounds: { type: 'string', default: '2' },
      stack: { type: 'string', default: 'embedded' },
      json: { type: 'boolean', default: false },
    },
  });
  if (values.stack !== 'embedded' && values.stack !== 'production') {
    throw new Error(`--stack is ${values.stack}, not embedded or production\n${CONSOLIDATE_USAGE}`);
  }
  return {
    sizes: values.sizes.split(',').map((text) => positive('--sizes', text)),
    more: positive('--more', values.more),
    besideLoad: values['beside-load'],
    backlog: positive('--backlog', values.backlog),
    perSecond: positive('--per-second', values['per-second']),
    seconds: positive('--seconds', values.seconds),
    rounds: positive('--rounds', values.rounds),
    stack: values.stack,
    json: values.json,
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`${name} is ${text}, not a whole number above 0\n${CONSOLIDATE_USAGE}`);
}
