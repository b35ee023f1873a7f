import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

/** What .dockerignore lets into the build, as patterns of git. */
function buildContext(): string[] {
  const lines = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n');
  const emptied = lines.filter((line) => line.endsWith('/*')).map((line) => line.slice(0, -2));
  const taken = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  const left = lines.filter((line) => line.startsWith('**'));
  return [
    ...taken.filter((path) => !emptied.includes(path)),
    ...left.map((pattern) => `:(exclude,glob)${pattern}`),
  ];
}

/** Copies the build context into `folder`, as `COPY . .` does, beside the packages of `npm ci`. */
export function copyBuildContext(folder: string): void {
  const listed = execFileSync(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...buildContext()],
    { cwd: ROOT, encoding: 'utf8' },
  );
  for (const path of listed.split('\n').filter((line) => line !== '')) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(ROOT, path), join(folder, path));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
}

/** Runs the `RUN` lines of the Dockerfile that are steps of ours, in its order, with its folders below `folder`. */
export function runSteps(source: string, folder: string): string[] {
  const steps = readFileSync(join(ROOT, 'Dockerfile'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('RUN tools/container/'))
    .map((line) => line.replace('RUN ', '').split(' '));
  for (const [script = '', ...folders] of steps) {
    const inside = folders.map((path) => join(folder, path));
    execFileSync(join(source, script), inside, { cwd: source, stdio: ['ignore', 'pipe', 'pipe'] });
  }
  return steps.map((step) => step.join(' '));
}

/** Every file below `folder` with its size and time of change, to see whether something was written. */
export function listing(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => ({ path, stat: statSync(join(folder, path)) }))
    .filter(({ stat }) => stat.isFile())
    .map(({ path, stat }) => `${path} ${stat.size} ${stat.mtimeMs}`)
    .toSorted();
}
