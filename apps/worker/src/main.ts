import 'reflect-metadata';
import { openInfrastructure, runUntilStopped } from '@soma/composition';
import { loadConfig } from '@soma/config';
import { createWorker } from './worker.setup.js';

async function start(): Promise<void> {
  const config = loadConfig();
  if (config.indexer !== 'worker') {
    throw new Error(
      'A worker needs SOMA_POSTGRES_URL and SOMA_MILVUS_ADDRESS; otherwise the API does its work.',
    );
  }
  const infrastructure = await openInfrastructure(config, { inBackground: true });
  const app = await createWorker(infrastructure);
  await app.listen(config.worker.port, config.api.host);
  runUntilStopped(app, infrastructure);
}

start().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
