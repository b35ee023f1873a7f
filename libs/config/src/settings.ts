import { z } from 'zod';
import { tenantClassesSetting } from './tenant-classes.js';

/** From the most severe to all there is, and none. */
export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback);
const wholeNumberBetween = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
const wholeNumber = (fallback: number, min: number, max: number) =>
  wholeNumberBetween(min, max).default(fallback);
const days = (fallback: number) => z.coerce.number().min(0).max(36_500).default(fallback);
const optionalText = z.string().min(1).optional();
const PATH_PART = /^[A-Za-z0-9_.-]{1,100}$/;
const PATH_PARTS = /^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/;
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
  SOMA_WORKER_PORT: port(10102).describe(
    'Port of the worker: /healthz, /readyz, /metrics and, for the operator, /admin/log-level.',
  ),
  SOMA_DATA_DIR: z
    .string()
    .default('./data')
    .describe('Folder of the embedded database and of the tokens made on first start.'),
  SOMA_POSTGRES_URL: optionalText.describe(
    'PostgreSQL 15+ for the service: a login that is neither owner nor superuser. Without it the embedded PGlite is used.',
  ),
  SOMA_POSTGRES_OWNER_URL: optionalText.describe(
    'PostgreSQL login that owns the tables; only `npm run migrate`, which makes the login of SOMA_POSTGRES_URL, and backups use it.',
  ),
  SOMA_POSTGRES_BIN_DIR: optionalText.describe(
    'Folder of pg_dump, pg_restore and psql for `soma admin backup` and `restore`, where they are not on the PATH.',
  ),
  SOMA_POSTGRES_POOL_SIZE: wholeNumber(20, 2, 500).describe('Connections each process may open.'),
  SOMA_POSTGRES_TIMEOUT_MS: wholeNumber(1000, 200, 60_000).describe(
    'Longest a request waits for a PostgreSQL that does not answer before it is refused. Work in the background is more patient.',
  ),
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
    .describe(
      'The /v1/embeddings endpoint, for example http://127.0.0.1:11434/v1/embeddings. Needed with `hash` too while vectors of a provider are in use.',
    ),
  SOMA_EMBEDDING_MODEL: optionalText.describe(
    'Model name sent to the provider. Once memories are stored, another one comes into use by `soma admin reembed`; see docs/embedding-models.md.',
  ),
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
      '`on` fills the vectors of a model of at most 640 dimensions up to 768 with a hash of the words, which counts for 0.3 of the cosine: names, numbers and rare words that a small model does not know are then found too. `off` keeps the model alone. Changing it makes another model, which comes into use by `soma admin reembed`.',
    ),
  SOMA_EMBEDDING_TIMEOUT_MS: wholeNumber(10_000, 100, 120_000).describe(
    'Longest the provider may take for a batch of texts, retries included, when no request waits for it.',
  ),
  SOMA_EMBEDDING_REQUEST_BUDGET_MS: wholeNumber(800, 50, 120_000).describe(
    'Longest a request waits for the next vectors of the provider. After that a store answers with `embedding: pending`, and the vector is made later; a search goes by words and says `partial`. A bulk store may take longer while vectors keep coming.',
  ),
  SOMA_RATE_LIMIT_PER_SECOND: wholeNumber(200, 0, 1_000_000).describe(
    'Requests a second for each token; 0 turns the limit off.',
  ),
  SOMA_QUOTA_MEMORIES: wholeNumber(0, 0, Number.MAX_SAFE_INTEGER).describe(
    'Memories each tenant may keep, unless the operator sets its own quota; 0: any number.',
  ),
  SOMA_QUOTA_BYTES: wholeNumber(0, 0, Number.MAX_SAFE_INTEGER).describe(
    'Bytes of all versions of its memories that each tenant may keep; 0: any number.',
  ),
  SOMA_QUOTA_VECTORS: wholeNumber(0, 0, Number.MAX_SAFE_INTEGER).describe(
    'Vectors each tenant may keep; 0: any number.',
  ),
  SOMA_QUOTA_LINKS: wholeNumber(0, 0, Number.MAX_SAFE_INTEGER).describe(
    'Links each tenant may keep; 0: any number.',
  ),
  SOMA_QUOTA_EMBEDDINGS_PER_DAY: wholeNumber(0, 0, Number.MAX_SAFE_INTEGER).describe(
    'Texts each tenant may have a provider embed in a day (UTC); 0: any number. What the cache knows, and the `hash`, cost nothing.',
  ),
  SOMA_QUOTA_POLICY: z
    .enum(['reject', 'evict'])
    .default('reject')
    .describe(
      'What happens to a memory for which there is no room: `reject` refuses it (507), `evict` deletes the least important ones that are not pinned.',
    ),
  SOMA_TENANT_CLASSES: tenantClassesSetting.describe(
    "Names, separated by commas, that a tenant's `tenant_class` may be, such as those of plans: tokens of models are counted by them. The first is that of tenants without one.",
  ),
  SOMA_TENANT_REQUESTS_PER_SECOND: wholeNumber(0, 0, 1_000_000).describe(
    "Requests a second of all of a tenant's tokens together; 0: any number.",
  ),
  SOMA_TENANT_REQUESTS_PER_DAY: wholeNumber(0, 0, 1_000_000_000).describe(
    "Requests in 24 hours of all of a tenant's tokens together; 0: any number.",
  ),
  SOMA_CONCURRENT_REQUESTS: wholeNumberBetween(1, 500)
    .optional()
    .describe(
      'Requests that are worked on at once in each API process, shared among the tenants that have any; the others wait. Fewer than SOMA_POSTGRES_POOL_SIZE. By default 16, and 4 with the embedded database, which works on one statement at a time.',
    ),
  SOMA_WAITING_PER_TENANT: wholeNumber(1000, 0, 100_000).describe(
    'Requests of one tenant that may wait for their turn in each API process; more are refused (429).',
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
  SOMA_AUDIT_RECALLS: z
    .enum(['off', 'buffered', 'strict'])
    .default('buffered')
    .describe(
      'Which memories were shown to whom: `buffered` writes it down every 250 ms, and a process that is killed loses as much; `strict` before each answer; `off` not at all. What changes something is always recorded with it.',
    ),
  SOMA_AUDIT_RETENTION_DAYS: wholeNumber(0, 0, 36_500).describe(
    'Days after which audit events are deleted, hourly, from the beginning of each chain; 0 keeps them for ever.',
  ),
  SOMA_CONSOLIDATE_AFTER_CHANGES: wholeNumber(256, 1, 1_000_000).describe(
    'Memories stored, changed or deleted in a namespace until it is consolidated by itself.',
  ),
  SOMA_CONSOLIDATE_AFTER_S: wholeNumber(900, 1, 31_536_000).describe(
    'Seconds after which a namespace is consolidated by itself, however little changed in it.',
  ),
  SOMA_CONSOLIDATE_INTERVAL_S: wholeNumber(60, 0, 86_400).describe(
    'Seconds between two looks for namespaces that are due, the first so long after the start. 0 leaves consolidation to `POST /hierarchy/consolidate`.',
  ),
  SOMA_CHAT_URL: z
    .url()
    .optional()
    .describe(
      'An OpenAI-compatible /v1/chat/completions endpoint that writes the digests of the hierarchy. Without it, or while it does not answer, they are made of sentences of the memories.',
    ),
  SOMA_CHAT_MODEL: optionalText.describe('Model name sent to it.'),
  SOMA_CHAT_API_KEY: optionalText.describe('Bearer key sent to it, if it wants one.'),
  SOMA_CHAT_TIMEOUT_MS: wholeNumber(20_000, 100, 300_000).describe(
    'Longest that one digest waits for it.',
  ),
  SOMA_PREDICTION_URL: z
    .url()
    .optional()
    .describe(
      'An OpenAI-compatible /v1/chat/completions endpoint, such as Ollama’s, that says what a memory makes one expect when feedback asks for it. Without it nothing is predicted.',
    ),
  SOMA_PREDICTION_MODEL: optionalText.describe('Model name sent to it.'),
  SOMA_PREDICTION_API_KEY: optionalText.describe('Bearer key sent to it, if it wants one.'),
  SOMA_PREDICTION_TIMEOUT_MS: wholeNumber(3000, 100, 60_000).describe(
    'Longest that feedback waits for it; after that it goes on without.',
  ),
  SOMA_HALF_LIFE_EPISODIC_DAYS: days(30).describe(
    'Days without use after which an episodic memory has half its salience; 0: it never fades. A tenant’s decay policy can say otherwise, here and below.',
  ),
  SOMA_HALF_LIFE_SEMANTIC_DAYS: days(90).describe('The same of semantic memories, at tier 0.'),
  SOMA_HALF_LIFE_SUMMARY_DAYS: days(90).describe('The same of summaries, at tier 0.'),
  SOMA_HALF_LIFE_PROCEDURAL_DAYS: days(365).describe('The same of procedural memories.'),
  SOMA_HALF_LIFE_TIER_GROWTH: z.coerce
    .number()
    .min(1)
    .max(10)
    .default(2)
    .describe('How many times longer each tier lasts than the one below it.'),
  SOMA_FEEDBACK_LEARNING_RATE: z.coerce
    .number()
    .min(0.001)
    .max(1)
    .default(0.2)
    .describe('How much of the way to 1, or to 0, one full reward or punishment moves importance.'),
  SOMA_FORGETTING_INTERVAL_S: wholeNumber(60, 0, 86_400).describe(
    'Seconds between two looks for decay policies that are due, for memories that have expired, and for what was archived for long enough. 0 leaves all of it as it is.',
  ),
  SOMA_ENCRYPTION_KEYS: optionalText.describe(
    'Key-encryption keys as `id:key`, 32 bytes in base64 each (`openssl rand -base64 32`), with commas between: the first wraps the data keys of tenants, all of them unwrap. The same in every process.',
  ),
  SOMA_ENCRYPTION_CACHE_S: wholeNumber(300, 10, 86_400).describe(
    'Longest that a process keeps a plain data key without asking the key-encryption key again; so long reads and writes of encrypted tenants go on without Vault.',
  ),
  SOMA_VAULT_URL: z
    .url()
    .optional()
    .describe(
      'Vault or OpenBao, whose transit engine then wraps the data keys; keys of SOMA_ENCRYPTION_KEYS still unwrap what they wrapped before.',
    ),
  SOMA_VAULT_TOKEN: secret.describe(
    'Its token: may encrypt, decrypt and rewrap with the key below, and read it.',
  ),
  SOMA_VAULT_TRANSIT_MOUNT: z
    .string()
    .regex(PATH_PARTS)
    .default('transit')
    .describe('Where the transit engine is mounted.'),
  SOMA_VAULT_TRANSIT_NAME: z
    .string()
    .regex(PATH_PART)
    .default('soma')
    .describe('The transit key that wraps the data keys.'),
  SOMA_VAULT_TIMEOUT_MS: wholeNumber(500, 50, 10_000).describe(
    'Longest that one request waits for Vault.',
  ),
  SOMA_OPA_BUNDLE: optionalText.describe(
    'Policy compiled to WebAssembly (`opa build -t wasm -e soma/allow`), asked beside scopes about every request with a token; read at start.',
  ),
  SOMA_OPA_URL: z
    .url()
    .optional()
    .describe(
      'The same rule on an OPA server instead, for example http://127.0.0.1:8181/v1/data/soma/allow.',
    ),
  SOMA_OPA_TOKEN: secret.describe('Bearer token sent to the OPA server, if it wants one.'),
  SOMA_OPA_TIMEOUT_MS: wholeNumber(200, 10, 10_000).describe(
    'Longest that a request waits for the OPA server; after that it is refused.',
  ),
  SOMA_EXTENSIONS: optionalText.describe(
    'Modules with hooks, as paths separated by commas, called in this order; see docs/extensions.md. The service does not start without one of them.',
  ),
  SOMA_EXTENSION_TIMEOUT_MS: wholeNumber(1000, 10, 60_000).describe(
    'Longest that one hook of an extension is waited for.',
  ),
  SOMA_LOG_LEVEL: z
    .enum(LOG_LEVELS)
    .default('info')
    .describe(
      'Least severe level that is logged; `soma admin log-level` changes it without a restart.',
    ),
  SOMA_TRACES_URL: z
    .url()
    .optional()
    .describe(
      'OTLP/HTTP endpoint that spans of requests are sent to, for example http://127.0.0.1:4318/v1/traces. Without it requests are not followed.',
    ),
  SOMA_TRACES_HEADERS: optionalText.describe(
    'Headers sent with spans, as name=value separated by commas, the values as in a URL: Authorization=Basic%20… for Langfuse.',
  ),
  SOMA_TRACES_SAMPLER: z
    .enum(['traceidratio', 'parentbased_traceidratio'])
    .default('traceidratio')
    .describe(
      'Which requests are followed: `traceidratio` a share of all; `parentbased_traceidratio` those whose caller says so in `traceparent`, and a share of those that say nothing.',
    ),
  SOMA_TRACES_RATIO: z.coerce
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe('The share, from 0 (none) to 1 (all).'),
});

export type Settings = z.infer<typeof settingsSchema>;
