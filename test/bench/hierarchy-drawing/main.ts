import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startService } from '../service-process.ts';
import { SomaClient } from '../soma-client.ts';
import { EXAMPLE_EPISODES } from './conversations.ts';

const CLI = fileURLToPath(new URL('../../../dist/apps/cli/src/main.js', import.meta.url));
const DRAWING = fileURLToPath(new URL('../../../docs/hierarchy.svg', import.meta.url));
const USAGE = 'npm run docs:draw -- [--check]';

/** Consolidates the example in a service of its own and has `soma hierarchy draw` draw it. */
async function drawn(): Promise<string> {
  const settings = { SOMA_CONSOLIDATE_INTERVAL_S: '0' };
  const service = await startService({ stack: 'embedded', settings });
  const client = new SomaClient(service.url, service.token);
  try {
    await client.post('/memories/bulk', { memories: EXAMPLE_EPISODES });
    await client.post('/hierarchy/consolidate', {});
    const env = { ...process.env, SOMA_URL: service.url, SOMA_TOKEN: service.token };
    const { stdout } = await promisify(execFile)(process.execPath, [CLI, 'hierarchy', 'draw'], {
      env,
    });
    return stdout;
  } finally {
    client.close();
    await service.stop();
  }
}

const svg = await drawn();
if (!process.argv.includes('--check')) await writeFile(DRAWING, svg);
else if ((await readFile(DRAWING, 'utf8')) !== svg) {
  process.stderr.write(`docs/hierarchy.svg is not what is drawn now: ${USAGE}\n`);
  process.exitCode = 1;
}
