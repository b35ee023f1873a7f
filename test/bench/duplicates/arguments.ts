import { parseArgs } from 'node:util';
import type { Stack } from '../service-environment.ts';
import { wholeNumbers } from '../whole-number.ts';

export interface DuplicatesBenchArguments {
  /** Memories there at each measurement, rising. */
  sizes: number[];
  /** Memories added afterwards, at each size. */
  more: number;
  stack: Stack;
  json: boolean;
}

export const DUPLICATES_USAGE =
  'npm run bench:duplicates -- [--stack embedded|production] [--sizes 2000,10000] [--more 100] [--json]';

const MOST = 1_000_000;

/** Reads the command line; throws with the usage when it is not valid. */
export function parseDuplicatesArguments(args: readonly string[]): DuplicatesBenchArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      stack: { type: 'string', default: 'embedded' },
      sizes: { type: 'string', default: '2000,10000' },
      more: { type: 'string', default: '100' },
      json: { type: 'boolean', default: false },
    },
  });
  if (values.stack !== 'embedded' && values.stack !== 'production') {
    throw new Error(`--stack is ${values.stack}, not embedded or production\n${DUPLICATES_USAGE}`);
  }
  const wholeNumber = wholeNumbers(DUPLICATES_USAGE);
  const more = wholeNumber('--more', values.more, 1, MOST);
  const sizes = values.sizes.split(',').map((text) => wholeNumber('--sizes', text, 1, MOST));
  // What is there is filled up from one size to the next.
  if (sizes.some((size, at) => at > 0 && size < (sizes[at - 1] ?? 0) + more)) {
    throw new Error(
      `--sizes is ${values.sizes}: each has to be above the one before and --more together\n${DUPLICATES_USAGE}`,
    );
  }
  return { sizes, more, stack: values.stack, json: values.json };
}
