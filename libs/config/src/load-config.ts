import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';
import { z } from 'zod';
import type { AppConfig, EmbeddingConfig, MilvusConfig, PostgresConfig } from './app-config.js';
import { settingsSchema, type Settings } from './settings.js';

/** Names every setting that is wrong, what was found missing, and where settings are explained. */
export class ConfigError extends Error {
  constructor(problems: readonly string[]) {
    super(
      `The configuration is not valid:\n${problems.map((problem) => `  - ${problem}`).join('\n')}\n` +
        'Each setting is explained in docs/configuration.md.',
    );
    this.name = 'ConfigError';
  }
}

/** Reads `.env` of the working folder, if there is one, then the environment, which wins. */
export function loadConfig(): AppConfig {
  if (existsSync('.env')) loadEnvFile('.env');
  return parseConfig(process.env);
}

/** @throws ConfigError naming every setting that is wrong. An empty value counts as not set. */
export function parseConfig(environment: Record<string, string | undefined>): AppConfig {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([name, value]) => name.startsWith('SOMA_') && value !== ''),
  );
  const parsed = settingsSchema.safeParse(given);
  if (!parsed.success) throw new ConfigError(parsed.error.issues.map(describeIssue));
  const settings = parsed.data;
  return {
    api: { host: settings.SOMA_API_HOST, port: settings.SOMA_API_PORT },
    worker: { port: settings.SOMA_WORKER_PORT },
    dataDir: settings.SOMA_DATA_DIR,
    postgres: postgresOf(settings),
    milvus: milvusOf(settings),
    redis: settings.SOMA_REDIS_URL ? { url: settings.SOMA_REDIS_URL } : undefined,
    adminToken: settings.SOMA_ADMIN_TOKEN,
    embedding: embeddingOf(settings),
    rateLimitPerSecond: settings.SOMA_RATE_LIMIT_PER_SECOND,
    indexer: indexerOf(settings),
    reconcileIntervalSeconds: settings.SOMA_RECONCILE_INTERVAL_S,
    logLevel: settings.SOMA_LOG_LEVEL,
  };
}

function describeIssue(issue: z.core.$ZodIssue): string {
  return `${issue.path.join('.')}: ${issue.message}`;
}

function postgresOf(settings: Settings): PostgresConfig | undefined {
  if (!settings.SOMA_POSTGRES_URL) return undefined;
  return {
    url: settings.SOMA_POSTGRES_URL,
    ownerUrl: settings.SOMA_POSTGRES_OWNER_URL,
    poolSize: settings.SOMA_POSTGRES_POOL_SIZE,
  };
}

/** Exact search lives in the API's memory, which no other process can bring up to date. */
function indexerOf(settings: Settings): AppConfig['indexer'] {
  const canUseWorkers = Boolean(settings.SOMA_POSTGRES_URL && settings.SOMA_MILVUS_ADDRESS);
  if (settings.SOMA_INDEXER === 'worker' && !canUseWorkers) {
    throw new ConfigError([
      'SOMA_INDEXER: workers need SOMA_POSTGRES_URL and SOMA_MILVUS_ADDRESS; leave it out',
    ]);
  }
  return settings.SOMA_INDEXER ?? (canUseWorkers ? 'worker' : 'in-process');
}

function milvusOf(settings: Settings): MilvusConfig | undefined {
  if (!settings.SOMA_MILVUS_ADDRESS) return undefined;
  return {
    address: settings.SOMA_MILVUS_ADDRESS,
    token: settings.SOMA_MILVUS_TOKEN,
    collectionPrefix: settings.SOMA_MILVUS_COLLECTION_PREFIX,
    timeoutMs: settings.SOMA_MILVUS_TIMEOUT_MS,
  };
}

function embeddingOf(settings: Settings): EmbeddingConfig {
  const dimension = settings.SOMA_EMBEDDING_DIMENSION;
  if (settings.SOMA_EMBEDDING_PROVIDER === 'hash') return { provider: 'hash', dimension };
  const { SOMA_EMBEDDING_URL: url, SOMA_EMBEDDING_MODEL: model } = settings;
  if (!url || !model) {
    throw new ConfigError([
      'SOMA_EMBEDDING_URL and SOMA_EMBEDDING_MODEL: both are needed with SOMA_EMBEDDING_PROVIDER=openai',
    ]);
  }
  return {
    provider: 'openai',
    url,
    model,
    apiKey: settings.SOMA_EMBEDDING_API_KEY,
    dimension,
    joinHash: settings.SOMA_EMBEDDING_JOIN_HASH === 'on',
    timeoutMs: settings.SOMA_EMBEDDING_TIMEOUT_MS,
  };
}
