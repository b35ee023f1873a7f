import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';
import { z } from 'zod';
import type {
  AppConfig,
  EmbeddingConfig,
  MilvusConfig,
  PostgresConfig,
  QuotaConfig,
  SalienceConfig,
} from './app-config.js';
import { ConfigError } from './config-error.js';
import { chatOf, predictionOf } from './chat-config.js';
import { encryptionOf } from './encryption-config.js';
import { policyOf } from './policy-config.js';
import { settingsSchema, type Settings } from './settings.js';
import { tenantClassesOf } from './tenant-classes.js';
import { tracesOf } from './traces-config.js';

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
    concurrency: {
      requests: settings.SOMA_CONCURRENT_REQUESTS ?? (settings.SOMA_POSTGRES_URL ? 16 : 4),
      waitingPerTenant: settings.SOMA_WAITING_PER_TENANT,
    },
    quotas: quotasOf(settings),
    indexer: indexerOf(settings),
    reconcileIntervalSeconds: settings.SOMA_RECONCILE_INTERVAL_S,
    consolidation: {
      afterChanges: settings.SOMA_CONSOLIDATE_AFTER_CHANGES,
      afterSeconds: settings.SOMA_CONSOLIDATE_AFTER_S,
      intervalSeconds: settings.SOMA_CONSOLIDATE_INTERVAL_S,
    },
    chat: chatOf(settings),
    prediction: predictionOf(settings),
    salience: salienceOf(settings),
    encryption: encryptionOf(settings),
    audit: {
      recalls: settings.SOMA_AUDIT_RECALLS,
      retentionDays: settings.SOMA_AUDIT_RETENTION_DAYS,
    },
    policy: policyOf(settings),
    extensions: {
      paths: (settings.SOMA_EXTENSIONS ?? '').split(',').flatMap((path) => path.trim() || []),
      timeoutMs: settings.SOMA_EXTENSION_TIMEOUT_MS,
    },
    logLevel: settings.SOMA_LOG_LEVEL,
    traces: tracesOf(settings),
  };
}

function describeIssue(issue: z.core.$ZodIssue): string {
  return `${issue.path.join('.')}: ${issue.message}`;
}

function quotasOf(settings: Settings): QuotaConfig {
  return {
    memories: settings.SOMA_QUOTA_MEMORIES,
    bytes: settings.SOMA_QUOTA_BYTES,
    vectors: settings.SOMA_QUOTA_VECTORS,
    links: settings.SOMA_QUOTA_LINKS,
    embeddingsPerDay: settings.SOMA_QUOTA_EMBEDDINGS_PER_DAY,
    requestsPerSecond: settings.SOMA_TENANT_REQUESTS_PER_SECOND,
    requestsPerDay: settings.SOMA_TENANT_REQUESTS_PER_DAY,
    policy: settings.SOMA_QUOTA_POLICY,
    tenantClasses: tenantClassesOf(settings.SOMA_TENANT_CLASSES),
  };
}

function salienceOf(settings: Settings): SalienceConfig {
  return {
    halfLives: {
      days: {
        episodic: settings.SOMA_HALF_LIFE_EPISODIC_DAYS,
        semantic: settings.SOMA_HALF_LIFE_SEMANTIC_DAYS,
        summary: settings.SOMA_HALF_LIFE_SUMMARY_DAYS,
        procedural: settings.SOMA_HALF_LIFE_PROCEDURAL_DAYS,
      },
      tierGrowth: settings.SOMA_HALF_LIFE_TIER_GROWTH,
    },
    learningRate: settings.SOMA_FEEDBACK_LEARNING_RATE,
    intervalSeconds: settings.SOMA_FORGETTING_INTERVAL_S,
  };
}

function postgresOf(settings: Settings): PostgresConfig | undefined {
  if (!settings.SOMA_POSTGRES_URL) return undefined;
  return {
    url: settings.SOMA_POSTGRES_URL,
    ownerUrl: settings.SOMA_POSTGRES_OWNER_URL,
    binDir: settings.SOMA_POSTGRES_BIN_DIR,
    poolSize: settings.SOMA_POSTGRES_POOL_SIZE,
    timeoutMs: settings.SOMA_POSTGRES_TIMEOUT_MS,
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
  const { SOMA_EMBEDDING_URL: url, SOMA_EMBEDDING_MODEL: model } = settings;
  const endpoint = url
    ? {
        url,
        apiKey: settings.SOMA_EMBEDDING_API_KEY,
        timeoutMs: settings.SOMA_EMBEDDING_TIMEOUT_MS,
        requestBudgetMs: settings.SOMA_EMBEDDING_REQUEST_BUDGET_MS,
      }
    : undefined;
  if (settings.SOMA_EMBEDDING_PROVIDER === 'hash') {
    return { provider: 'hash', dimension, ...(endpoint && { endpoint }) };
  }
  if (!endpoint || !model) {
    throw new ConfigError([
      'SOMA_EMBEDDING_URL and SOMA_EMBEDDING_MODEL: both are needed with SOMA_EMBEDDING_PROVIDER=openai',
    ]);
  }
  return {
    provider: 'openai',
    endpoint,
    model,
    dimension,
    joinHash: settings.SOMA_EMBEDDING_JOIN_HASH === 'on',
  };
}
