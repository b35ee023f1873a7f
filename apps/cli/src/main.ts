#!/usr/bin/env node
import { run } from './run.js';

// `soma list | head` closes the pipe early; that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

const { stdout, stderr, stdin, env } = process;
process.exitCode = await run(process.argv.slice(2), {
  stdout,
  stderr,
  stdin,
  env,
  fetch: globalThis.fetch,
  cwd: process.cwd(),
});
