import type { Provider } from '@nestjs/common';
import { APP_CONFIG, type AppConfig } from '@soma/config';
import { Clock, SystemClock, UnitOfWork } from '@soma/core';
import { Embedder } from '@soma/embedding';
import { LinkRepository } from '@soma/graph';
import {
  ConsistencyService,
  ConsistencyStore,
  EmbeddingQueue,
  Indexer,
  IndexOutbox,
  LateEmbedder,
  NoOutboxSignal,
  OutboxDrain,
  OutboxSignal,
  Reconciler,
  ReconcileRuns,
  ReconcileSchedule,
  Reindexer,
} from '@soma/indexing';
import { LockRepository } from '@soma/locks';
import { MemoryRepository, MemoryStatsRepository, NamespaceRepository } from '@soma/memory';
import { Health, Metrics } from '@soma/observability';
import {
  Database,
  openDatabase,
  PostgresConsistencyStore,
  PostgresEmbeddingQueue,
  PostgresFlatSource,
  PostgresIndexOutbox,
  PostgresLinkRepository,
  PostgresLockRepository,
  PostgresMemoryRepository,
  PostgresMemoryStats,
  PostgresNamespaceRepository,
  PostgresSearchRepository,
  PrismaTenantRepository,
  PrismaTokenRepository,
  PrismaUnitOfWork,
} from '@soma/persistence';
import { SearchRepository } from '@soma/search';
import { TenantRepository, TokenRepository } from '@soma/tenancy';
import { VectorIndex } from '@soma/vector-index';
import type { Redis } from 'ioredis';
import { dependencyChecks } from './dependency-checks.js';
import { openEmbedder } from './open-embedder.js';
import { openRedis } from './open-redis.js';
import { openVectorIndex } from './open-vector-index.js';

/** What the configuration chose, opened; and the providers that bind it to the ports. */
export interface Infrastructure {
  readonly config: AppConfig;
  readonly providers: readonly Provider[];
  readonly redis: Redis | undefined;
  /** Closes every connection; the last thing a process does. */
  close(): Promise<void>;
}

/** The only place that picks adapters, and it does so from the configuration alone. */
export async function openInfrastructure(config: AppConfig): Promise<Infrastructure> {
  const database = await openDatabase(config);
  const redis = config.redis && openRedis(config.redis.url);
  const metrics = new Metrics();
  const embedder = openEmbedder(config.embedding, redis, metrics);
  const index = openVectorIndex(config, new PostgresFlatSource(database), metrics);
  const health = new Health(dependencyChecks(config, { database, index, redis, embedder }));
  return {
    config,
    redis,
    providers: [
      { provide: APP_CONFIG, useValue: config },
      { provide: Clock, useClass: SystemClock },
      { provide: Database, useValue: database },
      { provide: Embedder, useValue: embedder },
      { provide: VectorIndex, useValue: index },
      { provide: Metrics, useValue: metrics },
      { provide: Health, useValue: health },
      { provide: UnitOfWork, useClass: PrismaUnitOfWork },
      { provide: MemoryRepository, useClass: PostgresMemoryRepository },
      { provide: MemoryStatsRepository, useClass: PostgresMemoryStats },
      { provide: NamespaceRepository, useClass: PostgresNamespaceRepository },
      { provide: SearchRepository, useClass: PostgresSearchRepository },
      { provide: LinkRepository, useClass: PostgresLinkRepository },
      { provide: LockRepository, useClass: PostgresLockRepository },
      { provide: TenantRepository, useClass: PrismaTenantRepository },
      { provide: TokenRepository, useClass: PrismaTokenRepository },
      { provide: IndexOutbox, useClass: PostgresIndexOutbox },
      { provide: ConsistencyStore, useClass: PostgresConsistencyStore },
      { provide: EmbeddingQueue, useClass: PostgresEmbeddingQueue },
      Indexer,
      Reconciler,
      ReconcileRuns,
      Reindexer,
      ConsistencyService,
      ...(config.indexer === 'in-process' ? indexing(config) : NOT_INDEXING),
    ],
    close: async () => {
      redis?.disconnect();
      await index.close();
      await database.close();
    },
  };
}

/** Of a process that moves vectors to the index itself, and looks whether they are all there. */
export const indexing = (config: AppConfig): readonly Provider[] => [
  OutboxDrain,
  { provide: OutboxSignal, useExisting: OutboxDrain },
  {
    provide: ReconcileSchedule,
    inject: [ReconcileRuns],
    useFactory: (runs: ReconcileRuns) =>
      new ReconcileSchedule(runs, config.reconcileIntervalSeconds * 1000),
  },
  LateEmbedder,
];

const NOT_INDEXING: readonly Provider[] = [{ provide: OutboxSignal, useClass: NoOutboxSignal }];
