import type { Provider } from '@nestjs/common';
import { DatabaseCopy } from '@soma/backup';
import { AuditChainer, AuditLog, AuditRetention } from '@soma/audit';
import { APP_CONFIG, type AppConfig } from '@soma/config';
import { ConsolidationRunner } from '@soma/consolidation';
import { Clock, HeapCaches, SystemClock, UnitOfWork } from '@soma/core';
import { DeletionRunner, DeletionStore, DeletionVerifier, DeletionWatch } from '@soma/deletion';
import { ActiveEmbedder, Embedder, Embedders, EmbedderSource } from '@soma/embedding';
import {
  ArchiveStore,
  DecayPolicyService,
  DecayPolicyStore,
  DecayService,
  DecayStore,
  FeedbackStore,
  ForgettingInterval,
  ForgettingRunner,
  HoldStore,
  Learning,
  Predictor,
  Purger,
  SalienceSettings,
  VersionsAt,
} from '@soma/forgetting';
import { type Extension, ExtendedConsolidationRunner, Extensions } from '@soma/extensions';
import { LinkRepository } from '@soma/graph';
import {
  ConsistencyService,
  ConsistencyStore,
  EmbeddingQueue,
  Indexer,
  IndexOutbox,
  LateEmbedder,
  ModelBuilder,
  ModelDropper,
  ModelStore,
  ModelVectors,
  NoOutboxSignal,
  OutboxDrain,
  OutboxSignal,
  RecallGate,
  Reconciler,
  ReconcileRuns,
  ReconcileTurns,
  Reembedder,
  ReembedService,
  ReembedSteps,
  Reindexer,
} from '@soma/indexing';
import { LockRepository } from '@soma/locks';
import {
  ExpiredFacts,
  FactExpiry,
  MemoryDeletions,
  MemoryRepository,
  MemoryStatsRepository,
  NamespaceRepository,
  VersionRepository,
  Quarantine,
  WriterHistory,
} from '@soma/memory';
import { MergeStore, Neighbours } from '@soma/merging';
import { Health, Metrics } from '@soma/observability';
import {
  Database,
  EmbeddedDatabaseCopy,
  PostgresArchiveStore,
  PostgresAuditLog,
  PostgresConsistencyStore,
  PostgresDecayPolicies,
  PostgresDecayStore,
  PostgresDeletionStore,
  PostgresEmbeddingQueue,
  PostgresExpiredFacts,
  PostgresFeedback,
  PostgresFlatSource,
  PostgresHolds,
  PostgresIndexOutbox,
  PostgresLinkRepository,
  PostgresLockRepository,
  PostgresMemoryDeletions,
  PostgresPastMemories,
  PostgresMemoryRepository,
  PostgresMemoryStats,
  PostgresMergeStore,
  PostgresModelStore,
  PostgresModelVectors,
  PostgresNamespaceRepository,
  PostgresQuarantine,
  PostgresReconcileTurns,
  PostgresSearchRepository,
  PostgresUsageRepository,
  PostgresVersionRepository,
  PostgresWriterHistory,
  PostgresVersionsAt,
  PrismaTenantRepository,
  PrismaTokenRepository,
  PrismaUnitOfWork,
  RoomMaker,
} from '@soma/persistence';
import { PolicyDecision } from '@soma/policy';
import type { RedisConnection } from '@soma/resilience';
import { PastMemories, SearchRepository } from '@soma/search';
import {
  DefaultQuotas,
  TenantRepository,
  TokenRepository,
  UsageMeter,
  UsageRepository,
} from '@soma/tenancy';
import { Tracing } from '@soma/tracing';
import { VectorIndex } from '@soma/vector-index';
import { ConfiguredEmbedders } from './configured-embedders.js';
import { defaultQuotas } from './default-quotas.js';
import { dependencyChecks } from './dependency-checks.js';
import { embeddingBudget } from './embedding-budget.js';
import { derivedStores } from './derived-stores.js';
import { modelsInUse } from './models-in-use.js';
import { observeTokens } from './observe-tokens.js';
import { observeWork } from './observe-work.js';
import { openEmbeddingCache } from './open-embedding-cache.js';
import { openEncryption } from './open-encryption.js';
import { openExtensions } from './open-extensions.js';
import { hierarchyProviders } from './open-hierarchy.js';
import { openModels } from './open-models.js';
import { openPolicy } from './open-policy.js';
import { openPredictor } from './open-predictor.js';
import { openRedis } from './open-redis.js';
import { openStore } from './open-store.js';
import { openTraces } from './open-traces.js';
import { openVectorIndex } from './open-vector-index.js';
import { reconcileSchedule } from './reconcile-schedule.js';

/** What the configuration chose, opened; and the providers that bind it to the ports. */
export interface Infrastructure {
  readonly config: AppConfig;
  readonly providers: readonly Provider[];
  readonly redis: RedisConnection | undefined;
  readonly tracing: Tracing;
  /** Closes every connection; the last thing a process does. */
  close(): Promise<void>;
}

export interface OpeningOptions {
  /** For a process that answers no requests, and so waits for a slow database. */
  readonly inBackground?: boolean;
  /** Called after those that the configuration names. */
  readonly extensions?: readonly Extension[];
}

/** The only place that picks adapters, and it does so from the configuration alone. */
export async function openInfrastructure(
  config: AppConfig,
  { inBackground = false, extensions = [] }: OpeningOptions = {},
): Promise<Infrastructure> {
  const policy = await openPolicy(config);
  const metrics = new Metrics();
  const stopObserving = observeWork(metrics);
  const tracing = await openTraces(config, metrics, inBackground);
  const hooks = await openExtensions(config, extensions, metrics);
  const database = await openStore(config, metrics, tracing, inBackground);
  const redis = config.redis && openRedis(config.redis.url, metrics, tracing);
  const caches = new HeapCaches();
  const clock = new SystemClock();
  const usage = new PostgresUsageRepository(database);
  const meter = new UsageMeter(usage, clock);
  const quotas = defaultQuotas(config.quotas);
  const stopCounting = observeTokens(metrics, usage, quotas);
  const budget = embeddingBudget(config, usage, meter, clock);
  const embeddings = openEmbeddingCache(config.embedding, redis, caches);
  const encryption = openEncryption(config, database);
  const flat = new PostgresFlatSource(database, encryption.cipher);
  const index = openVectorIndex(config, flat, metrics, tracing);
  const source = new ConfiguredEmbedders(config.embedding, embeddings, metrics, budget, tracing);
  const vectors = new PostgresModelVectors(database, encryption.cipher);
  const store = new PostgresModelStore(database);
  const models = await openModels(database, source, { store, index, vectors });
  const embedder = new ActiveEmbedder(models);
  const keys = config.encryption.vault && encryption.wrapper;
  const health = new Health(dependencyChecks({ database, index, redis, embedder, keys }));
  return {
    config,
    redis,
    tracing,
    providers: [
      { provide: APP_CONFIG, useValue: config },
      { provide: Clock, useValue: clock },
      { provide: Database, useValue: database },
      { provide: DatabaseCopy, useClass: EmbeddedDatabaseCopy },
      { provide: HeapCaches, useValue: caches },
      { provide: Embedder, useValue: embedder },
      { provide: Embedders, useValue: models },
      { provide: EmbedderSource, useValue: source },
      { provide: VectorIndex, useValue: index },
      { provide: Metrics, useValue: metrics },
      { provide: Tracing, useValue: tracing },
      { provide: Health, useValue: health },
      RoomMaker,
      { provide: UnitOfWork, useClass: PrismaUnitOfWork },
      { provide: MemoryRepository, useClass: PostgresMemoryRepository },
      { provide: VersionRepository, useClass: PostgresVersionRepository },
      { provide: ExpiredFacts, useClass: PostgresExpiredFacts },
      { provide: MemoryDeletions, useClass: PostgresMemoryDeletions },
      { provide: DeletionStore, useClass: PostgresDeletionStore },
      derivedStores({ index, embeddings, modelsInUse: modelsInUse(store) }),
      { provide: SalienceSettings, useValue: config.salience },
      { provide: ForgettingInterval, useValue: { ms: config.salience.intervalSeconds * 1000 } },
      { provide: DecayPolicyStore, useClass: PostgresDecayPolicies },
      { provide: DecayStore, useClass: PostgresDecayStore },
      { provide: ArchiveStore, useClass: PostgresArchiveStore },
      { provide: HoldStore, useClass: PostgresHolds },
      { provide: FeedbackStore, useClass: PostgresFeedback },
      { provide: Predictor, useValue: openPredictor(config, metrics, tracing) },
      Learning,
      { provide: VersionsAt, useClass: PostgresVersionsAt },
      { provide: MergeStore, useClass: PostgresMergeStore },
      Neighbours,
      DecayPolicyService,
      DecayService,
      Purger,
      { provide: AuditLog, useClass: PostgresAuditLog },
      { provide: MemoryStatsRepository, useClass: PostgresMemoryStats },
      { provide: NamespaceRepository, useClass: PostgresNamespaceRepository },
      { provide: Quarantine, useClass: PostgresQuarantine },
      { provide: WriterHistory, useClass: PostgresWriterHistory },
      { provide: SearchRepository, useClass: PostgresSearchRepository },
      { provide: PastMemories, useClass: PostgresPastMemories },
      { provide: LinkRepository, useClass: PostgresLinkRepository },
      { provide: LockRepository, useClass: PostgresLockRepository },
      { provide: TenantRepository, useClass: PrismaTenantRepository },
      { provide: UsageRepository, useValue: usage },
      { provide: UsageMeter, useValue: meter },
      { provide: DefaultQuotas, useValue: quotas },
      { provide: TokenRepository, useClass: PrismaTokenRepository },
      { provide: IndexOutbox, useClass: PostgresIndexOutbox },
      { provide: ConsistencyStore, useClass: PostgresConsistencyStore },
      { provide: ReconcileTurns, useClass: PostgresReconcileTurns },
      { provide: EmbeddingQueue, useClass: PostgresEmbeddingQueue },
      { provide: ModelStore, useValue: store },
      { provide: ModelVectors, useValue: vectors },
      { provide: PolicyDecision, useValue: policy },
      { provide: Extensions, useValue: hooks },
      ...encryption.providers,
      ...hierarchyProviders(config, metrics, tracing),
      Indexer,
      Reconciler,
      ReconcileRuns,
      Reindexer,
      ConsistencyService,
      ReembedService,
      DeletionWatch,
      ...(config.indexer === 'in-process' ? indexing(config) : NOT_INDEXING),
    ],
    close: async () => {
      models.close();
      source.close();
      redis?.close();
      await meter.onModuleDestroy();
      await index.close();
      await database.close();
      await tracing.close();
      stopCounting();
      stopObserving();
    },
  };
}

/** Of a process that moves vectors to the index itself, and looks whether they are all there. */
export const indexing = (config: AppConfig): readonly Provider[] => [
  OutboxDrain,
  { provide: OutboxSignal, useExisting: OutboxDrain },
  ...reconcileSchedule(config),
  LateEmbedder,
  ModelBuilder,
  ModelDropper,
  RecallGate,
  ReembedSteps,
  Reembedder,
  DeletionVerifier,
  DeletionRunner,
  FactExpiry,
  ForgettingRunner,
  AuditChainer,
  {
    provide: AuditRetention,
    inject: [AuditLog, Clock],
    useFactory: (log: AuditLog, clock: Clock) =>
      new AuditRetention(log, clock, { days: config.audit.retentionDays }),
  },
  { provide: ConsolidationRunner, useClass: ExtendedConsolidationRunner },
];

const NOT_INDEXING: readonly Provider[] = [{ provide: OutboxSignal, useClass: NoOutboxSignal }];
