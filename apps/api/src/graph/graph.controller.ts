import { Body, Controller, Delete, Get, Post, Query } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { IdempotencyClaim, TenantScope } from '@soma/core';
import {
  type CreateLink,
  createLinkSchema,
  type DeletedLinks,
  deletedLinksSchema,
  type DeleteLink,
  deleteLinkSchema,
  GraphService,
  type Link,
  linkSchema,
  type Neighbors,
  type NeighborsQuery,
  neighborsQuerySchema,
  neighborsSchema,
  type Path,
  type PathQuery,
  pathQuerySchema,
  pathSchema,
} from '@soma/graph';
import { CallerTenant, RequireScope } from '@soma/tenancy';
import { ApiIdempotencyKey, ApiProblems } from '../http/api-responses.js';
import { AuditsRecall, idsOf } from '../http/audit.interceptor.js';
import { Idempotency } from '../http/idempotency.js';

@ApiTags('graph')
@ApiBearerAuth()
@Controller('graph')
export class GraphController {
  constructor(private readonly graph: GraphService) {}

  @Post('link')
  @RequireScope('graph:write')
  @ApiOperation({ summary: 'Link two memories, or change the link of this type between them' })
  @ApiIdempotencyKey()
  @ApiCreatedResponse({ standardSchema: linkSchema, description: 'The link.' })
  @ApiProblems('COORDINATE_INVALID', 'MEMORY_NOT_FOUND', 'IDEMPOTENCY_KEY_REUSED', 'QUOTA_EXCEEDED')
  link(
    @CallerTenant() scope: TenantScope,
    @Body({ schema: createLinkSchema }) body: CreateLink,
    @Idempotency() claim: IdempotencyClaim | undefined,
  ): Promise<Link> {
    return this.graph.link(scope, body, claim);
  }

  @Delete('link')
  @RequireScope('graph:write')
  @ApiOperation({ summary: 'Remove the links from one memory to another' })
  @ApiIdempotencyKey()
  @ApiOkResponse({ standardSchema: deletedLinksSchema, description: 'How many there were.' })
  @ApiProblems('COORDINATE_INVALID', 'MEMORY_NOT_FOUND', 'LINK_NOT_FOUND', 'IDEMPOTENCY_KEY_REUSED')
  unlink(
    @CallerTenant() scope: TenantScope,
    @Body({ schema: deleteLinkSchema }) body: DeleteLink,
    @Idempotency() claim: IdempotencyClaim | undefined,
  ): Promise<DeletedLinks> {
    return this.graph.unlink(scope, body, claim);
  }

  @Get('neighbors')
  @AuditsRecall('graph.neighbors', ({ neighbors }: Neighbors) =>
    idsOf(neighbors.map(({ memory }) => memory)),
  )
  @RequireScope('graph:read')
  @ApiOperation({ summary: 'Memories linked to one, nearest first, up to six links away' })
  @ApiOkResponse({ standardSchema: neighborsSchema, description: 'The neighbours.' })
  @ApiProblems('COORDINATE_INVALID', 'MEMORY_NOT_FOUND')
  neighbors(
    @CallerTenant() scope: TenantScope,
    @Query({ schema: neighborsQuerySchema }) query: NeighborsQuery,
  ): Promise<Neighbors> {
    return this.graph.neighbors(scope, query);
  }

  @Get('path')
  @AuditsRecall('graph.path', (path: Path) => idsOf(path.memories))
  @RequireScope('graph:read')
  @ApiOperation({ summary: 'The shortest path along links, or the strongest chain' })
  @ApiOkResponse({ standardSchema: pathSchema, description: 'The path, if there is one.' })
  @ApiProblems('COORDINATE_INVALID', 'MEMORY_NOT_FOUND')
  path(
    @CallerTenant() scope: TenantScope,
    @Query({ schema: pathQuerySchema }) query: PathQuery,
  ): Promise<Path> {
    return this.graph.path(scope, query);
  }
}
