import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { PassportModule } from '@nestjs/passport';
import type { Infrastructure } from '@soma/composition';
import type { AppConfig } from '@soma/config';
import { HierarchyReadingService, ReflectionService, SummaryKeeping } from '@soma/consolidation';
import { DeletionService } from '@soma/deletion';
import { EncryptionService } from '@soma/encryption';
import { EXTENDED_SERVICES } from '@soma/extensions';
import { HoldService, SalienceService } from '@soma/forgetting';
import { GraphService } from '@soma/graph';
import { LockService } from '@soma/locks';
import {
  MemoryDrafter,
  VersionService,
  QuarantineService,
  RollbackService,
  VersionRestorer,
} from '@soma/memory';
import { MergingService, UnmergeService } from '@soma/merging';
import { loggerOptions, LogLevel } from '@soma/observability';
import {
  MemoryContextService,
  SearchArms,
  SearchBatchService,
  SearchedMemories,
  TokenCounter,
} from '@soma/search';
import {
  AccessGuard,
  BearerStrategy,
  OperatorToken,
  QuotaService,
  TenancyService,
  TokenService,
  TokenVerifier,
} from '@soma/tenancy';
import { ExportService, ImportService, LineWriter } from '@soma/transfer';
import { LoggerModule, PinoLogger } from 'nestjs-pino';
import { AdminController } from './admin/admin.controller.js';
import { BackupController } from './admin/backup.controller.js';
import { AuditController } from './admin/audit.controller.js';
import { QuarantineController } from './admin/quarantine.controller.js';
import { QuotasController } from './admin/quotas.controller.js';
import { RollbackController } from './admin/rollback.controller.js';
import { TokensController } from './admin/tokens.controller.js';
import { ConsistencyController } from './admin/consistency.controller.js';
import { LogLevelController } from './admin/log-level.controller.js';
import { ReembedController } from './admin/reembed.controller.js';
import { DeletionsController } from './deletions/deletions.controller.js';
import { TenantDeletionController } from './deletions/tenant-deletion.controller.js';
import { EncryptionController } from './admin/encryption.controller.js';
import { ArchiveController } from './forgetting/archive.controller.js';
import { DecayPolicyController } from './forgetting/decay-policy.controller.js';
import { FeedbackController } from './forgetting/feedback.controller.js';
import { GraphController } from './graph/graph.controller.js';
import { auditProviders } from './http/audit-providers.js';
import { FairQueue } from './http/fair-queue.js';
import { FairTurns } from './http/fair-turns.js';
import { FairShareInterceptor } from './http/fair-share.interceptor.js';
import { PolicyGuard } from './http/policy.guard.js';
import { ProblemFilter } from './http/problem.filter.js';
import { RateLimitGuard } from './http/rate-limit.guard.js';
import { openRequestCounter, RequestCounter } from './http/rate-limiter.js';
import { RateDefaults } from './http/rates.js';
import { UsageInterceptor } from './http/usage.interceptor.js';
import { requestIdOf } from './http/request-id.js';
import { DuplicatesController } from './hierarchy/duplicates.controller.js';
import { HierarchyController } from './hierarchy/hierarchy.controller.js';
import { LocksController } from './locks/locks.controller.js';
import { MemoriesController } from './memories/memories.controller.js';
import { MemoryContextController } from './memories/memory-context.controller.js';
import { MemoryCollectionController } from './memories/memory-collection.controller.js';
import { MemoryTransferController } from './memories/memory-transfer.controller.js';
import { VersionsController } from './memories/versions.controller.js';
import { NamespacesController } from './namespaces/namespaces.controller.js';
import { StatsService } from './status/stats.service.js';
import { StatusController } from './status/status.controller.js';

/** Joins the services to what the configuration opened. */
@Module({})
export class AppModule {
  static register({ config, providers, redis, tracing }: Infrastructure): DynamicModule {
    return {
      module: AppModule,
      imports: [
        LoggerModule.forRoot(
          loggerOptions({
            level: config.logLevel,
            requestId: requestIdOf,
            place: () => tracing.place(),
          }),
        ),
        PassportModule,
      ],
      controllers: [
        StatusController,
        MemoryCollectionController,
        MemoryContextController,
        MemoryTransferController,
        MemoriesController,
        VersionsController,
        FeedbackController,
        ArchiveController,
        DecayPolicyController,
        NamespacesController,
        GraphController,
        HierarchyController,
        DuplicatesController,
        LocksController,
        AdminController,
        TokensController,
        QuotasController,
        QuarantineController,
        RollbackController,
        ConsistencyController,
        BackupController,
        ReembedController,
        DeletionsController,
        TenantDeletionController,
        AuditController,
        EncryptionController,
        LogLevelController,
      ],
      providers: [
        ...providers,
        { provide: LogLevel, useValue: new LogLevel(config.logLevel, () => PinoLogger.root) },
        ...EXTENDED_SERVICES,
        MemoryDrafter,
        VersionService,
        QuarantineService,
        RollbackService,
        VersionRestorer,
        SalienceService,
        HoldService,
        MergingService,
        UnmergeService,
        SearchArms,
        SearchBatchService,
        SearchedMemories,
        MemoryContextService,
        TokenCounter,
        GraphService,
        ExportService,
        ImportService,
        LineWriter,
        HierarchyReadingService,
        ReflectionService,
        SummaryKeeping,
        DeletionService,
        ...auditProviders(config),
        LockService,
        EncryptionService,
        TenancyService,
        QuotaService,
        TokenService,
        TokenVerifier,
        BearerStrategy,
        StatsService,
        { provide: OperatorToken, useValue: OperatorToken.of(config.adminToken) },
        { provide: RequestCounter, useValue: openRequestCounter(redis) },
        { provide: RateDefaults, useValue: rateDefaults(config) },
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_GUARD, useClass: RateLimitGuard },
        FairTurns,
        { provide: FairQueue, useValue: fairQueue(config) },
        { provide: APP_INTERCEPTOR, useClass: UsageInterceptor },
        { provide: APP_INTERCEPTOR, useClass: FairShareInterceptor },
        { provide: APP_GUARD, useClass: PolicyGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
    };
  }
}

function rateDefaults({ rateLimitPerSecond, quotas }: AppConfig): RateDefaults {
  return {
    token: { perSecond: rateLimitPerSecond, perDay: 0 },
    tenant: { perSecond: quotas.requestsPerSecond, perDay: quotas.requestsPerDay },
  };
}

const fairQueue = ({ concurrency }: AppConfig): FairQueue =>
  new FairQueue(concurrency.requests, concurrency.waitingPerTenant);
