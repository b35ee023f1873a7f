import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  type Consolidate,
  type Consolidated,
  consolidatedSchema,
  consolidateSchema,
  ConsolidationService,
  HierarchyReadingService,
  type HierarchyTree,
  type MemorySources,
  type Reflect,
  type Reflection,
  reflectionSchema,
  ReflectionService,
  reflectSchema,
  sourcesQuerySchema,
  type SourcesQuery,
  sourcesSchema,
  type Summarize,
  summarizeSchema,
  type Summary,
  summarySchema,
  treeQuerySchema,
  type TreeQuery,
  treeSchema,
} from '@soma/consolidation';
import type { IdempotencyClaim, TenantScope } from '@soma/core';
import { parseAddress } from '@soma/memory';
import { CallerTenant, RequireScope } from '@soma/tenancy';
import { ApiIdempotencyKey, ApiProblems } from '../http/api-responses.js';
import { AuditsRecall, idsOf } from '../http/audit.interceptor.js';
import { Idempotency } from '../http/idempotency.js';
import { ApiAddress } from '../memories/api-address.js';

/** A digest shows what it was drawn from. */
const digested = (digests: readonly Pick<Summary, 'memory_ids'>[]) =>
  idsOf(digests.flatMap(({ memory_ids: ids }) => ids.map((id) => ({ id }))));

@ApiTags('hierarchy')
@ApiBearerAuth()
@Controller()
export class HierarchyController {
  constructor(
    private readonly consolidation: ConsolidationService,
    private readonly reading: HierarchyReadingService,
    private readonly reflection: ReflectionService,
  ) {}

  @Post('hierarchy/consolidate')
  @HttpCode(200)
  @RequireScope('memories:write')
  @ApiOperation({
    summary: 'Roll up into the hierarchy what changed; the same asked again does no harm',
  })
  @ApiOkResponse({ standardSchema: consolidatedSchema, description: 'What was made anew.' })
  @ApiProblems(
    'EXTENSION_REFUSED',
    'EXTENSION_FAILED',
    'NAMESPACE_FORBIDDEN',
    'EMBEDDING_UNAVAILABLE',
  )
  consolidate(
    @CallerTenant() scope: TenantScope,
    @Body({ schema: consolidateSchema }) body: Consolidate,
  ): Promise<Consolidated> {
    return this.consolidation.consolidate(scope, body);
  }

  @Get('hierarchy/tree')
  @AuditsRecall('hierarchy.tree', ({ nodes }: HierarchyTree) =>
    idsOf(nodes.map(({ memory }) => memory)),
  )
  @RequireScope('memories:read')
  @ApiOperation({ summary: 'Nodes of the hierarchy, from the top down' })
  @ApiOkResponse({ standardSchema: treeSchema, description: 'Roots and what is below them.' })
  @ApiProblems('NAMESPACE_FORBIDDEN', 'CURSOR_INVALID', 'MEMORY_NOT_FOUND')
  tree(
    @CallerTenant() scope: TenantScope,
    @Query({ schema: treeQuerySchema }) query: TreeQuery,
  ): Promise<HierarchyTree> {
    return this.reading.tree(scope, query);
  }

  @Get('memories/:address/sources')
  @AuditsRecall('memories.sources', ({ sources }: MemorySources) =>
    idsOf(sources.map(({ memory }) => memory)),
  )
  @RequireScope('memories:read')
  @ApiOperation({ summary: 'What a memory was drawn from, or what was drawn from it' })
  @ApiAddress()
  @ApiOkResponse({ standardSchema: sourcesSchema, description: 'Nearest first.' })
  @ApiProblems('COORDINATE_INVALID', 'MEMORY_NOT_FOUND')
  sources(
    @CallerTenant() scope: TenantScope,
    @Param('address') address: string,
    @Query({ schema: sourcesQuerySchema }) query: SourcesQuery,
  ): Promise<MemorySources> {
    return this.reading.sources(scope, parseAddress(address, query.namespace), query);
  }

  @Post('hierarchy/reflect')
  @HttpCode(200)
  @AuditsRecall('hierarchy.reflect', ({ groups }: Reflection) => digested(groups))
  @RequireScope('memories:write')
  @ApiOperation({ summary: 'What the latest or most important episodes have in common' })
  @ApiIdempotencyKey()
  @ApiOkResponse({ standardSchema: reflectionSchema, description: 'Groups with a digest each.' })
  @ApiProblems('NAMESPACE_FORBIDDEN', 'IDEMPOTENCY_KEY_REUSED', 'EMBEDDING_UNAVAILABLE')
  reflect(
    @CallerTenant() scope: TenantScope,
    @Body({ schema: reflectSchema }) body: Reflect,
    @Idempotency() claim: IdempotencyClaim | undefined,
  ): Promise<Reflection> {
    return this.reflection.reflect(scope, body, claim);
  }

  @Post('hierarchy/summarize')
  @HttpCode(200)
  @AuditsRecall('hierarchy.summarize', (summary: Summary) => digested([summary]))
  @RequireScope('memories:write')
  @ApiOperation({ summary: 'A digest of memories, with the ids it is drawn from' })
  @ApiIdempotencyKey()
  @ApiOkResponse({ standardSchema: summarySchema, description: 'The digest.' })
  @ApiProblems(
    'NAMESPACE_FORBIDDEN',
    'FILTER_INVALID',
    'FIELD_ENCRYPTED',
    'MEMORY_NOT_FOUND',
    'IDEMPOTENCY_KEY_REUSED',
    'EMBEDDING_UNAVAILABLE',
  )
  summarize(
    @CallerTenant() scope: TenantScope,
    @Body({ schema: summarizeSchema }) body: Summarize,
    @Idempotency() claim: IdempotencyClaim | undefined,
  ): Promise<Summary> {
    return this.reflection.summarize(scope, body, claim);
  }
}
