import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Stack } from '../service-environment.ts';

export interface FitArguments {
  /** Folders of the sets, their names (the folders') and what each counts. */
  sets: { name: string; folder: string; weight: number }[];
  embedder: 'hash' | 'openai';
  stack: Stack;
  /** Features whose weights stay as they are: the larger the others get, the less these count. */
  hold: string[];
  /** Penalty on large weights, above 0: more of it gives smaller ones. */
  l2: number;
  /** Candidates asked for per query, 50 to 1,000. */
  topK: number;
  ablate: boolean;
  leaveOneOut: boolean;
  json: boolean;
}

export const FIT_USAGE = `npm run bench:fit -- --data DIR [--data DIR2 ...] [--weight 1 --weight 1 ...]
  [--embedder hash|openai] [--stack embedded|production] [--hold exact,role,restated]
  [--l2 0.001] [--top-k 400] [--ablate] [--leave-one-out] [--json]`;

/** Reads the command line; throws with the usage when it is not valid. */
export function parseFitArguments(args: readonly string[]): FitArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string', multiple: true, default: [] },
      weight: { type: 'string', multiple: true, default: [] },
      embedder: { type: 'string', default: 'hash' },
      stack: { type: 'string', default: 'embedded' },
      // Set by hand in the recipes, for want of data that says better.
      hold: { type: 'string', default: 'exact,role,restated' },
      l2: { type: 'string', default: '0.001' },
      'top-k': { type: 'string', default: '400' },
      ablate: { type: 'boolean', default: false },
      'leave-one-out': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  if (values.data.length === 0) throw usage('--data is missing');
  if (values.weight.length > 0 && values.weight.length !== values.data.length) {
    throw usage(`there are ${values.weight.length} --weight for ${values.data.length} --data`);
  }
  if (values.embedder !== 'hash' && values.embedder !== 'openai') {
    throw usage(`--embedder is ${values.embedder}, not hash or openai`);
  }
  if (values.stack !== 'embedded' && values.stack !== 'production') {
    throw usage(`--stack is ${values.stack}, not embedded or production`);
  }
  const topK = Number(values['top-k']);
  if (!Number.isInteger(topK) || topK < 50 || topK > 1000) {
    throw usage(`--top-k is ${values['top-k']}, not a whole number from 50 to 1000`);
  }
  const l2 = Number(values.l2);
  if (!(l2 > 0 && l2 < Infinity)) throw usage(`--l2 is ${values.l2}, not above 0`);
  return {
    sets: setsOf(values.data, values.weight),
    embedder: values.embedder,
    stack: values.stack,
    hold: values.hold.split(',').filter((name) => name !== ''),
    l2,
    topK,
    ablate: values.ablate,
    leaveOneOut: values['leave-one-out'],
    json: values.json,
  };
}

function setsOf(folders: readonly string[], weights: readonly string[]): FitArguments['sets'] {
  const sets = folders.map((folder, i) => {
    const weight = Number(weights[i] ?? 1);
    if (!(weight > 0 && weight < Infinity)) throw usage(`--weight is ${weights[i]}, not above 0`);
    return { name: basename(resolve(folder)), folder, weight };
  });
  if (new Set(sets.map(({ name }) => name)).size < sets.length) {
    throw usage('two --data have the same folder name');
  }
  return sets;
}

function usage(problem: string): Error {
  return new Error(`${problem}\n${FIT_USAGE}`);
}
