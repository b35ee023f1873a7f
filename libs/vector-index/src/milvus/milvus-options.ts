/** How to reach Milvus and how long to wait for it. */
export interface MilvusOptions {
  /** `host:port`, or `https://host:port` for TLS. */
  readonly address: string;
  /** `user:password` or an API key. */
  readonly token?: string;
  readonly database?: string;
  /** Begins the name of every collection; letters, digits and underscores. */
  readonly collectionPrefix?: string;
  /** Partitions a collection's tenants are hashed into, when it is created. */
  readonly partitions?: number;
  /** After this a search or check fails, whatever the server or the network does. */
  readonly searchTimeoutMs?: number;
  /** The same for each insert, removal and count. */
  readonly writeTimeoutMs?: number;
  /** The same for making and loading a collection. */
  readonly setupTimeoutMs?: number;
  /** See `VectorIndex`; above the 5 s that a Bounded read may lag behind by Milvus' defaults. */
  readonly visibilityLagMs?: number;
}

export type MilvusSettings = Required<Omit<MilvusOptions, 'token' | 'database'>> &
  Pick<MilvusOptions, 'token' | 'database'>;

const DEFAULTS = {
  collectionPrefix: 'soma',
  partitions: 16,
  searchTimeoutMs: 1_500,
  writeTimeoutMs: 10_000,
  setupTimeoutMs: 60_000,
  visibilityLagMs: 6_000,
} as const;

const PREFIX = /^[A-Za-z_]\w{0,63}$/;

export function milvusSettings(options: MilvusOptions): MilvusSettings {
  const settings = { ...DEFAULTS, ...options };
  if (!PREFIX.test(settings.collectionPrefix)) {
    throw new RangeError(
      `A collection prefix is 1 to 64 letters, digits and underscores; got "${settings.collectionPrefix}".`,
    );
  }
  return settings;
}
