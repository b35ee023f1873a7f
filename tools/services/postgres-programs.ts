import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const VERSIONS_DIR = '/usr/lib/postgresql';

/** The folder of the newest server that is installed, and of the client programs that match it. */
export function newestBinDir(): string | undefined {
  const versions = existsSync(VERSIONS_DIR) ? readdirSync(VERSIONS_DIR) : [];
  return versions
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(VERSIONS_DIR, version, 'bin'))
    .find((dir) => existsSync(join(dir, 'initdb')));
}

export function postgresProgram(name: string): string {
  return join(newestBinDir() ?? VERSIONS_DIR, name);
}
