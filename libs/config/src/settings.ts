import { z } from 'zod';

const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback);
const wholeNumber = (fallback: number, min: number, max: number) =>
  z.coerce.number().int().min(min).max(max).default(fallback);
const optionalText = z.string().min(1).optional();
const secret = z.string().min(16, 'must have at least 16 characters').optional();

/**
 * Every environment variable the service reads, with its default and its reason. `.env.example` and
 * docs/configuration.md are generated from this table.
 */
export const settingsSchema = z.object({
  SOMA_API_HOST: z
    .string()
    .default('127.0.0.1')
    .describe('Address the API listens on. Set 0.0.0.0 in a container.'),
  SOMA_API_PORT: port(10101).describe('Port of the API. 0 picks a free one.'),
  SOMA_WORKER_PORT: port(10102).describe('Port of the worker: /healthz, /readyz and /metrics.'),
  SOMA_DATA_DIR: z
    .string()
    .default('./data')
    .describe('Folder of the embedded database and of the tokens made on first start.'),
  SOMA_POSTGRES_URL: optionalText.describe(
    'PostgreSQL 15+ for the service: a login that is neither owner nor superuser. Without it the embedded PGlite is used.',
  ),
  SOMA_POSTGRES_OWNER_URL: optionalText.describe(
    'PostgreSQL login that owns the tables; only `npm run migrate` uses it, and it makes the login of SOMA_POSTGRES_URL.',
  ),
  SOMA_POSTGRES_POOL_SIZE: wholeNumber(20, 2, 500).describe('Connections each process may open.'),
  SOMA_MILVUS_ADDRESS: optionalText.describe(
    'Milvus as host:port. Without it vectors are searched exactly in the API process, of which there must then be one.',
  ),
  SOMA_MILVUS_TOKEN: optionalText.describe('Milvus token (user:password), where it asks for one.'),
  SOMA_MILVUS_COLLECTION_PREFIX: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,60}$/)
    .default('soma')
    .describe('First part of the names of the collections made in Milvus.'),
  SOMA_MILVUS_TIMEOUT_MS: wholeNumber(1000, 50, 60_000).describe(
    'Longest a search waits for Milvus before it answers without it.',
  ),
  SOMA_REDIS_URL: optionalText.describe(
    'Redis for the embedding cache and rate limits. Without it both are kept in process.',
  ),
  SOMA_ADMIN_TOKEN: secret.describe(
    'Bearer token of the operator, for /admin. Made on first start when embedded.',
  ),
  SOMA_EMBEDDING_PROVIDER: z
    .enum(['hash', 'openai'])
    .default('hash')
    .describe('`hash` needs no model and no network; `openai` is any OpenAI-compatible server.'),
  SOMA_EMBEDDING_URL: z
    .url()
    .optional()
    .describe('The /v1/embeddings endpoint, for example http://127.0.0.1:11434/v1/embeddings.'),
  SOMA_EMBEDDING_MODEL: optionalText.describe('Model name sent to the provider.'),
  SOMA_EMBEDDING_API_KEY: optionalText.describe(
    'Bearer key sent to the provider, if it wants one.',
  ),
  SOMA_EMBEDDING_DIMENSION: wholeNumber(768, 2, 4096).describe(
    'Length of the vectors the model gives; a provider that answers with another is refused.',
  ),
  SOMA_EMBEDDING_JOIN_HASH: z
    .enum(['on', 'off'])
    .default('on')
    .describe(
      '`on` fills the vectors of a model of at most 640 dimensions up to 768 with a hash of the words, which counts for 0.3 of the cosine: names, numbers and rare words that a small model does not know are then found too. `off` keeps the model alone. Changing it makes another model: what is stored must be embedded anew.',
    ),
  SOMA_EMBEDDING_TIMEOUT_MS: wholeNumber(10_000, 100, 120_000).describe(
    'Longest a request waits for the provider, retries included.',
  ),
  SOMA_RATE_LIMIT_PER_SECOND: wholeNumber(200, 0, 1_000_000).describe(
    'Requests a second for each token; 0 turns the limit off.',
  ),
  SOMA_INDEXER: z
    .enum(['in-process', 'worker'])
    .optional()
    .describe(
      'Who moves vectors to the index: `worker` processes (default with PostgreSQL and Milvus) or the API itself, of which there must then be one.',
    ),
  SOMA_RECONCILE_INTERVAL_S: wholeNumber(3600, 0, 604_800).describe(
    'Seconds between two comparisons of the vector index with the database, which repair what differs; the first is at start. 0 leaves them to `soma admin reconcile`.',
  ),
  SOMA_LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('Least severe level that is logged.'),
});

export type Settings = z.infer<typeof settingsSchema>;
