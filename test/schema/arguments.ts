import { parseArgs } from 'node:util';
import type { Stack } from '../bench/service-environment.ts';

export interface SchemaArguments {
  readonly stack: Stack;
  /** Examples for each operation in each phase that draws them. */
  readonly examples: number;
  readonly seed: number;
  /** Without the phase that goes through the schemas' corners: drawing its bodies takes minutes of CPU. */
  readonly quick: boolean;
}

const SHORT = 20;
/** What CI has time for. */
const QUICK = 10;
/** Gate G3. */
const FULL = 2_000;
const SEED = 20261121;

/** @throws when an argument is unknown or not of its kind. */
export function parseSchemaArguments(args: readonly string[]): SchemaArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      stack: { type: 'string', default: 'embedded' },
      full: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      examples: { type: 'string' },
      seed: { type: 'string', default: String(SEED) },
    },
  });
  const { stack, full, quick } = values;
  if (stack !== 'embedded' && stack !== 'production') {
    throw new Error(`--stack is embedded or production, not "${stack}"`);
  }
  if (full && quick) throw new Error('--full and --quick are not both possible');
  const usual = full ? FULL : quick ? QUICK : SHORT;
  return {
    stack,
    examples: wholeNumber('--examples', values.examples ?? String(usual)),
    seed: wholeNumber('--seed', values.seed),
    quick,
  };
}

function wholeNumber(name: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new Error(`${name} is a whole number from 1 to 999,999,999, not "${text}"`);
}
