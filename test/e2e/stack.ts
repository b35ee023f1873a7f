import { openInfrastructure } from '@soma/composition';
import type { AppConfig } from '@soma/config';
import { migratePostgres } from '@soma/persistence';
import { createWorker } from '../../apps/worker/src/worker.setup.js';

/** `SOMA_TEST_STACK=production` runs the same tests on the real servers. */
const isProduction = process.env['SOMA_TEST_STACK'] === 'production';

const SERVERS = [
  'SOMA_POSTGRES_URL',
  'SOMA_POSTGRES_OWNER_URL',
  'SOMA_MILVUS_ADDRESS',
  'SOMA_REDIS_URL',
] as const;

/** Settings that choose the stack: none for the embedded one. */
export function stackSettings(): Record<string, string> {
  if (!isProduction) return { SOMA_INDEXER: 'in-process' };
  const settings = Object.fromEntries(SERVERS.map((name) => [name, process.env[name] ?? '']));
  const missing = SERVERS.filter((name) => settings[name] === '');
  if (missing.length > 0) {
    throw new Error(`${missing.join(', ')} not set: run \`npm run test:integration\`.`);
  }
  // Other tests' tenants stay alone, whose vectors may be in collections of other names.
  // A busy test machine must not look like a sick index, which an answer would say.
  return {
    ...settings,
    SOMA_MILVUS_COLLECTION_PREFIX: 'soma_e2e',
    SOMA_MILVUS_TIMEOUT_MS: '10000',
    SOMA_RECONCILE_INTERVAL_S: '0',
  };
}

/** Brings PostgreSQL up to date, where it is used. */
export async function prepareStack({ postgres }: AppConfig): Promise<void> {
  if (postgres?.ownerUrl) await migratePostgres(postgres.ownerUrl, postgres.url);
}

/** Starts the worker that the configuration expects. @returns what stops it. */
export async function startWorkerFor(config: AppConfig): Promise<() => Promise<void>> {
  if (config.indexer !== 'worker') return () => Promise.resolve();
  const infrastructure = await openInfrastructure(config);
  const worker = await createWorker(infrastructure);
  await worker.init();
  return async () => {
    await worker.close();
    await infrastructure.close();
  };
}
