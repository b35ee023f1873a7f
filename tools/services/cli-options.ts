import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { parseServerName } from './server-catalogue.ts';
import { SERVER_NAMES } from './server-definition.ts';
import type { ServerName } from './server-definition.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');

export interface CliOptions {
  readonly action: string;
  /** Names given as arguments of their own: `kill NAME`. */
  readonly named: readonly ServerName[];
  /** What `start` and `run` are to start. */
  readonly wanted: readonly ServerName[];
  /** Given only when `--only` was: what `stop` is to stop. */
  readonly only: readonly ServerName[] | undefined;
  readonly command: readonly string[];
  readonly dir: string;
  readonly cacheDir: string;
  readonly json: boolean;
  readonly keepData: boolean;
}

export function parseOptions(argv: readonly string[]): CliOptions {
  const divider = argv.indexOf('--');
  const own = divider === -1 ? argv : argv.slice(0, divider);
  const { values, positionals } = parseArgs({
    args: [...own],
    allowPositionals: true,
    options: {
      only: { type: 'string', multiple: true },
      with: { type: 'string', multiple: true },
      dir: { type: 'string' },
      json: { type: 'boolean', default: false },
      'keep-data': { type: 'boolean', default: false },
    },
  });
  const [action = 'help', ...names] = positionals;
  const only = values.only && parseNames(values.only);
  const dir = values.dir ?? process.env['SOMA_SERVICES_DIR'];
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return {
    action,
    named: parseNames(names),
    wanted: [...new Set([...(only ?? SERVER_NAMES), ...parseNames(values.with ?? [])])],
    only,
    command: divider === -1 ? [] : argv.slice(divider + 1),
    dir: dir === undefined ? join(REPOSITORY, '.services') : resolve(dir),
    cacheDir: join(cache, 'soma-services'),
    json: values.json,
    keepData: values['keep-data'],
  };
}

function parseNames(lists: readonly string[]): ServerName[] {
  return lists.flatMap((list) => list.split(',')).map(parseServerName);
}
