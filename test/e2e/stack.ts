import { randomBytes } from 'node:crypto';
import { openInfrastructure } from '@soma/composition';
import type { AppConfig } from '@soma/config';
import { migratePostgres } from '@soma/persistence';
import { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { createOwnDatabase, ensureDatabase, withDatabase } from '../integration/own-database.js';
import { createWorker } from '../../apps/worker/src/worker.setup.js';

/** `SOMA_TEST_STACK=production` runs the same tests on the real servers. */
const isProduction = process.env['SOMA_TEST_STACK'] === 'production';

const WORKER = `soma_tests_${process.env['JEST_WORKER_ID'] ?? 1}`;

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
    throw new Error(`${missing.join(', ')} not set: run \`npm run test:production\`.`);
  }
  // Specs look at whole databases and whole indexes: those of one jest worker run one after the other.
  const databases = ['SOMA_POSTGRES_URL', 'SOMA_POSTGRES_OWNER_URL'] as const;
  for (const name of databases) settings[name] = withDatabase(settings[name] ?? '', WORKER);
  // Other tests' tenants stay alone, whose vectors may be in collections of other names.
  // A busy test machine must not look like a sick server, which an answer would say.
  return {
    ...settings,
    SOMA_MILVUS_COLLECTION_PREFIX: WORKER,
    SOMA_POSTGRES_TIMEOUT_MS: '10000',
    SOMA_MILVUS_TIMEOUT_MS: '10000',
    SOMA_RECONCILE_INTERVAL_S: '0',
  };
}

/** A stack that no other test file uses: which embedding model is active is the whole service's. */
export interface OwnStack {
  readonly settings: Record<string, string>;
  drop(): Promise<void>;
}

export async function createOwnStack(): Promise<OwnStack> {
  if (!isProduction) return { settings: {}, drop: () => Promise.resolve() };
  const database = await createOwnDatabase();
  const prefix = `test_${randomBytes(6).toString('hex')}`;
  return {
    settings: {
      SOMA_POSTGRES_URL: database.serviceUrl,
      SOMA_POSTGRES_OWNER_URL: database.ownerUrl,
      SOMA_MILVUS_COLLECTION_PREFIX: prefix,
    },
    drop: async () => {
      await dropCollections(process.env['SOMA_MILVUS_ADDRESS'] ?? '', prefix);
      await database.drop();
    },
  };
}

async function dropCollections(address: string, prefix: string): Promise<void> {
  const milvus = new MilvusClient({ address, logLevel: 'error' });
  const { data } = await milvus.showCollections();
  for (const { name } of data) {
    if (name.startsWith(prefix)) await milvus.dropCollection({ collection_name: name });
  }
  await milvus.closeConnection();
}

/** Brings PostgreSQL up to date, where it is used. */
export async function prepareStack({ postgres }: AppConfig): Promise<void> {
  if (!postgres?.ownerUrl) return;
  if (postgres.ownerUrl.endsWith(`/${WORKER}`)) await ensureDatabase(WORKER);
  await migratePostgres(postgres.ownerUrl, postgres.url);
}

const OPEN_TRIES = 8;

/** On a busy machine a connection may take longer than a request waits for one: then once more. */
export async function untilConnected<Opened>(open: () => Promise<Opened>): Promise<Opened> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await open();
    } catch (error) {
      const isLate = /connection timeout|timeout exceeded when trying/i.test(String(error));
      if (!isLate || tried === OPEN_TRIES) throw error;
    }
  }
}

/** Starts the worker that the configuration expects. @returns what stops it. */
export async function startWorkerFor(config: AppConfig): Promise<() => Promise<void>> {
  if (config.indexer !== 'worker') return () => Promise.resolve();
  const infrastructure = await untilConnected(() =>
    openInfrastructure(config, { inBackground: true }),
  );
  const worker = await createWorker(infrastructure);
  await worker.init();
  return async () => {
    await worker.close();
    await infrastructure.close();
  };
}
