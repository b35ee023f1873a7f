import { parseArgs } from 'node:util';

export interface FaultArguments {
  readonly full: boolean;
  readonly json: boolean;
  /** Parts of names; empty for all faults. */
  readonly only: readonly string[];
  readonly list: boolean;
  readonly keepLogs: boolean;
}

export const FAULTS_USAGE =
  'npm run test:faults -- [--full] [--only NAME[,NAME...]] [--list] [--json] [--keep-logs]';

/** Reads the command line; throws with the usage when it is not valid, or names no fault. */
export function parseFaultArguments(
  args: readonly string[],
  faults: readonly string[],
): FaultArguments {
  const { values } = readOptions(args);
  const only = (values.only ?? [])
    .flatMap((list) => list.split(','))
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  for (const name of only) {
    if (!faults.some((fault) => fault.includes(name))) {
      throw new Error(`no fault is called '${name}': they are ${faults.join(', ')}`);
    }
  }
  return {
    full: values.full,
    json: values.json,
    only,
    list: values.list,
    keepLogs: values['keep-logs'],
  };
}

function readOptions(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        full: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true },
        list: { type: 'boolean', default: false },
        'keep-logs': { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new Error(`${problem}\n${FAULTS_USAGE}`, { cause: error });
  }
}
