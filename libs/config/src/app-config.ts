import type { Settings } from './settings.js';

/** The configuration as the code sees it: validated, nested, and never read from elsewhere. */
export interface AppConfig {
  readonly api: { readonly host: string; readonly port: number };
  readonly worker: { readonly port: number };
  readonly dataDir: string;
  /** Absent: the embedded database in `dataDir`. */
  readonly postgres?: PostgresConfig;
  /** Absent: exact search in process. */
  readonly milvus?: MilvusConfig;
  /** Absent: caches and limits in process. */
  readonly redis?: { readonly url: string };
  /** Absent when embedded: one is made in `dataDir`. */
  readonly adminToken?: string;
  readonly embedding: EmbeddingConfig;
  readonly rateLimitPerSecond: number;
  /** Of each API process. */
  readonly concurrency: { readonly requests: number; readonly waitingPerTenant: number };
  /** Of tenants that have none of their own. */
  readonly quotas: QuotaConfig;
  readonly indexer: 'in-process' | 'worker';
  /** 0: neither at start nor later. */
  readonly reconcileIntervalSeconds: number;
  readonly consolidation: ConsolidationConfig;
  /** Absent: digests are extractive. */
  readonly chat?: ChatConfig;
  /** Absent: nothing is predicted. */
  readonly prediction?: ChatConfig;
  readonly salience: SalienceConfig;
  readonly encryption: EncryptionConfig;
  readonly audit: AuditConfig;
  /** Absent: scopes alone decide. */
  readonly policy?: PolicyConfig;
  readonly extensions: ExtensionsConfig;
  readonly logLevel: Settings['SOMA_LOG_LEVEL'];
  /** Absent: requests are not followed. */
  readonly traces?: TracesConfig;
}

/** Whereto spans are sent, and which. */
export interface TracesConfig {
  /** An OTLP/HTTP endpoint, `/v1/traces` included. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly sampler: Settings['SOMA_TRACES_SAMPLER'];
  /** Of traces that begin here, 0 to 1. */
  readonly ratio: number;
}

export interface ExtensionsConfig {
  /** Of modules, in the order in which their hooks are called. */
  readonly paths: readonly string[];
  readonly timeoutMs: number;
}

export interface AuditConfig {
  readonly recalls: 'off' | 'buffered' | 'strict';
  /** 0: for ever. */
  readonly retentionDays: number;
}

export interface ConsolidationConfig {
  readonly afterChanges: number;
  readonly afterSeconds: number;
  /** 0: only when asked to. */
  readonly intervalSeconds: number;
}

export interface ChatConfig {
  readonly url: string;
  readonly model: string;
  readonly apiKey?: string;
  readonly timeoutMs: number;
}

/** How memories fade; days of 0: never. */
export interface SalienceConfig {
  readonly halfLives: {
    readonly days: {
      readonly episodic: number;
      readonly semantic: number;
      readonly summary: number;
      readonly procedural: number;
    };
    readonly tierGrowth: number;
  };
  readonly learningRate: number;
  /** 0: neither policies nor expiry are looked after. */
  readonly intervalSeconds: number;
}

/** 0: no limit. */
export interface QuotaConfig {
  readonly memories: number;
  readonly bytes: number;
  readonly vectors: number;
  readonly links: number;
  readonly embeddingsPerDay: number;
  readonly requestsPerSecond: number;
  readonly requestsPerDay: number;
  readonly policy: 'reject' | 'evict';
  /** The first is that of tenants without one of their own. */
  readonly tenantClasses: readonly [string, ...string[]];
}

export interface PostgresConfig {
  readonly url: string;
  readonly ownerUrl?: string;
  /** Of pg_dump and its like, where they are not on the PATH. */
  readonly binDir?: string;
  readonly poolSize: number;
  /** Longest wait of a request for a server that is silent. */
  readonly timeoutMs: number;
}

export interface MilvusConfig {
  readonly address: string;
  readonly token?: string;
  readonly collectionPrefix: string;
  readonly timeoutMs: number;
}

export type PolicyConfig =
  | { readonly kind: 'bundle'; readonly path: string }
  | {
      readonly kind: 'server';
      readonly url: string;
      readonly token: string | undefined;
      readonly timeoutMs: number;
    };

export interface EncryptionConfig {
  /** Key-encryption keys of 32 bytes; the first wraps. */
  readonly keys: readonly { readonly id: string; readonly key: Buffer }[];
  /** Given: it wraps instead of the keys. */
  readonly vault?: {
    readonly url: string;
    readonly token: string;
    readonly mount: string;
    readonly key: string;
    readonly timeoutMs: number;
  };
  readonly keyCacheSeconds: number;
}

export type EmbeddingConfig =
  | {
      readonly provider: 'hash';
      readonly dimension: number;
      /** Of a provider whose vectors may still be in use. */
      readonly endpoint?: EmbeddingEndpoint;
    }
  | {
      readonly provider: 'openai';
      readonly endpoint: EmbeddingEndpoint;
      readonly model: string;
      /** Of the model's own vectors. */
      readonly dimension: number;
      /** Whether a small model is joined with the hash. */
      readonly joinHash: boolean;
    };

export interface EmbeddingEndpoint {
  readonly url: string;
  readonly apiKey?: string;
  readonly timeoutMs: number;
  /** Longest a request waits for the next vectors. */
  readonly requestBudgetMs: number;
}

/** DI token of the configuration. */
export const APP_CONFIG = 'APP_CONFIG';
