import { readFileSync, writeFileSync } from 'node:fs';
import { commandReference, withReference } from './command-reference.js';
import { createProgram } from './program.js';
import { readVersion } from './version.js';

const silent = { write: () => undefined };
const program = createProgram(
  {
    stdout: silent,
    stderr: silent,
    stdin: process.stdin,
    env: {},
    fetch: globalThis.fetch,
    cwd: process.cwd(),
  },
  readVersion(),
);

const path = 'docs/cli.md';
writeFileSync(path, withReference(readFileSync(path, 'utf8'), commandReference(program)));
