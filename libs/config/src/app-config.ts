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
  readonly indexer: 'in-process' | 'worker';
  /** 0: neither at start nor later. */
  readonly reconcileIntervalSeconds: number;
  readonly logLevel: string;
}

export interface PostgresConfig {
  readonly url: string;
  readonly ownerUrl?: string;
  readonly poolSize: number;
}

export interface MilvusConfig {
  readonly address: string;
  readonly token?: string;
  readonly collectionPrefix: string;
  readonly timeoutMs: number;
}

export type EmbeddingConfig =
  | { readonly provider: 'hash'; readonly dimension: number }
  | {
      readonly provider: 'openai';
      readonly url: string;
      readonly model: string;
      readonly apiKey?: string;
      /** Of the model's own vectors. */
      readonly dimension: number;
      /** Whether a small model is joined with the hash. */
      readonly joinHash: boolean;
      readonly timeoutMs: number;
    };

/** DI token of the configuration. */
export const APP_CONFIG = 'APP_CONFIG';
