import 'reflect-metadata';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openInfrastructure } from '@soma/composition';
import { describeSettings, parseConfig } from '@soma/config';
import { createApi } from '../app.setup.js';
import { buildDocument } from '../http/api-document.js';
import { configurationPage, envExample } from './configuration-pages.js';

/**
 * Writes the documents that are drawn from the code; with `--check` it writes nothing, names those
 * that differ and exits with 1. Run from the repository's root.
 */
async function main(check: boolean): Promise<void> {
  const settings = describeSettings();
  const documents = {
    '.env.example': envExample(settings),
    'docs/configuration.md': configurationPage(settings),
    'docs/openapi.json': `${JSON.stringify(await openApi(), null, 2)}\n`,
  };
  const stale = Object.entries(documents).filter(
    ([path, text]) => !existsSync(path) || readFileSync(path, 'utf8') !== text,
  );
  for (const [path, text] of stale) {
    if (check) process.stderr.write(`${path} is not what the code says: npm run docs:generate\n`);
    else writeFileSync(path, text);
  }
  process.exitCode = check && stale.length > 0 ? 1 : 0;
}

/** The OpenAPI document of an API that is made, never listens, and leaves nothing behind. */
async function openApi(): Promise<unknown> {
  const dataDir = mkdtempSync(join(tmpdir(), 'soma-docs-'));
  try {
    const config = parseConfig({ SOMA_DATA_DIR: dataDir, SOMA_LOG_LEVEL: 'silent' });
    const infrastructure = await openInfrastructure(config);
    const app = await createApi(infrastructure);
    try {
      return buildDocument(app);
    } finally {
      await app.close();
      await infrastructure.close();
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

await main(process.argv.includes('--check'));
