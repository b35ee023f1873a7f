import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { PassportModule } from '@nestjs/passport';
import type { Infrastructure } from '@soma/composition';
import { GraphService } from '@soma/graph';
import { LockService } from '@soma/locks';
import {
  MemoryCollectionService,
  MemoryDrafter,
  MemoryService,
  NamespaceService,
} from '@soma/memory';
import { loggerOptions } from '@soma/observability';
import {
  SearchArms,
  SearchBatchService,
  SearchResults,
  SearchService,
  TokenCounter,
} from '@soma/search';
import {
  AccessGuard,
  BearerStrategy,
  hashToken,
  OperatorToken,
  TenancyService,
  TokenVerifier,
} from '@soma/tenancy';
import { LoggerModule } from 'nestjs-pino';
import { AdminController } from './admin/admin.controller.js';
import { ConsistencyController } from './admin/consistency.controller.js';
import { GraphController } from './graph/graph.controller.js';
import { ProblemFilter } from './http/problem.filter.js';
import { openRateLimiter } from './http/rate-limiter.js';
import { RATE_LIMITER, RateLimitGuard } from './http/rate-limit.guard.js';
import { requestIdOf } from './http/request-id.js';
import { LocksController } from './locks/locks.controller.js';
import { MemoriesController } from './memories/memories.controller.js';
import { MemoryCollectionController } from './memories/memory-collection.controller.js';
import { NamespacesController } from './namespaces/namespaces.controller.js';
import { StatsService } from './status/stats.service.js';
import { StatusController } from './status/status.controller.js';

/** Joins the services to what the configuration opened. */
@Module({})
export class AppModule {
  static register({ config, providers, redis }: Infrastructure): DynamicModule {
    const operator: OperatorToken = {
      hash: config.adminToken === undefined ? undefined : hashToken(config.adminToken),
    };
    return {
      module: AppModule,
      imports: [LoggerModule.forRoot(loggerOptions(config.logLevel, requestIdOf)), PassportModule],
      controllers: [
        StatusController,
        MemoryCollectionController,
        MemoriesController,
        NamespacesController,
        GraphController,
        LocksController,
        AdminController,
        ConsistencyController,
      ],
      providers: [
        ...providers,
        MemoryDrafter,
        MemoryService,
        MemoryCollectionService,
        NamespaceService,
        SearchArms,
        SearchBatchService,
        SearchResults,
        SearchService,
        TokenCounter,
        GraphService,
        LockService,
        TenancyService,
        TokenVerifier,
        BearerStrategy,
        StatsService,
        { provide: OperatorToken, useValue: operator },
        { provide: RATE_LIMITER, useValue: openRateLimiter(config.rateLimitPerSecond, redis) },
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_GUARD, useClass: RateLimitGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
    };
  }
}
