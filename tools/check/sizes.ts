import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { oversizeOf } from './room-size.ts';

/** Fails when a file or a constructor has outgrown its room; generated code is not in git. */
const root = resolve(import.meta.dirname, '../..');
const listed = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'],
  { cwd: root, encoding: 'utf8' },
);
const files = listed.split('\n').filter((path) => path !== '' && existsSync(join(root, path)));
const faults = files.flatMap((path) => oversizeOf(path, readFileSync(join(root, path), 'utf8')));
for (const fault of faults) process.stderr.write(`${fault}\n`);
if (faults.length > 0) process.exitCode = 1;
else process.stdout.write(`${files.length} files, none too large\n`);
