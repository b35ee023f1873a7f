import { secondsSince } from './progress.ts';
import { runProgram } from './run-program.ts';
import type { ServerContext } from './server-definition.ts';

let queue: Promise<void> = Promise.resolve();
let listsAreFresh = false;

/** Installs Debian packages, one request after the other: dpkg has one lock. */
export function installDebianPackage(name: string, context: ServerContext): Promise<void> {
  const mine = queue.then(() => install(name, context));
  queue = mine.catch(() => undefined);
  return mine;
}

async function install(name: string, context: ServerContext): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new Error(`the Debian package ${name} is missing: run 'apt-get install ${name}' as root`);
  }
  const begin = performance.now();
  context.log(`installing the Debian package ${name}`);
  // Not given the abort signal: an interrupted dpkg leaves the machine to be repaired by hand.
  const options = { env: { DEBIAN_FRONTEND: 'noninteractive' } };
  const wait = ['-o', 'DPkg::Lock::Timeout=300'];
  if (!listsAreFresh) {
    await runProgram('apt-get', [...wait, '-q', 'update'], options);
    listsAreFresh = true;
  }
  const flags = ['-q', '-y', '--no-install-recommends'];
  await runProgram('apt-get', [...wait, 'install', ...flags, name], options);
  context.log(`installed ${name} (${secondsSince(begin)})`);
}
