import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { IdempotencyClaim, TenantScope } from '@soma/core';
import { addressQuerySchema, parseAddress } from '@soma/memory';
import {
  type Duplicates,
  duplicatesSchema,
  type FindDuplicates,
  findDuplicatesSchema,
  type MergedList,
  mergedListSchema,
  mergedQuerySchema,
  type MergedQuery,
  MergingService,
  type Unmerge,
  type Unmerged,
  unmergedSchema,
  unmergeSchema,
  UnmergeService,
} from '@soma/merging';
import { CallerTenant, RequireScope } from '@soma/tenancy';
import { ApiIdempotencyKey, ApiProblems } from '../http/api-responses.js';
import { AuditsRecall, idsOf } from '../http/audit.interceptor.js';
import { Idempotency } from '../http/idempotency.js';
import { ApiAddress } from '../memories/api-address.js';

@ApiTags('hierarchy')
@ApiBearerAuth()
@Controller()
export class DuplicatesController {
  constructor(
    private readonly merging: MergingService,
    private readonly unmerging: UnmergeService,
  ) {}

  @Post('hierarchy/duplicates')
  @HttpCode(200)
  @AuditsRecall('hierarchy.duplicates', ({ clusters }: Duplicates) =>
    idsOf(clusters.flatMap(({ kept, members }) => [kept, ...members])),
  )
  @RequireScope('memories:write')
  @ApiOperation({
    summary: 'Find memories that say the same, and merge them unless it is a dry run',
  })
  @ApiIdempotencyKey()
  @ApiOkResponse({ standardSchema: duplicatesSchema, description: 'What this step found.' })
  @ApiProblems('NAMESPACE_FORBIDDEN', 'CURSOR_INVALID', 'IDEMPOTENCY_KEY_REUSED')
  duplicates(
    @CallerTenant() scope: TenantScope,
    @Body({ schema: findDuplicatesSchema }) body: FindDuplicates,
    @Idempotency() claim: IdempotencyClaim | undefined,
  ): Promise<Duplicates> {
    return this.merging.step(scope, body, { claim });
  }

  @Get('memories/:address/merged')
  @AuditsRecall('memories.merged', ({ merged }: MergedList) => idsOf(merged))
  @RequireScope('memories:read')
  @ApiOperation({ summary: 'The duplicates that a memory stands for' })
  @ApiAddress()
  @ApiOkResponse({ standardSchema: mergedListSchema, description: 'In the order of their ids.' })
  @ApiProblems('COORDINATE_INVALID', 'MEMORY_NOT_FOUND', 'CURSOR_INVALID')
  merged(
    @CallerTenant() scope: TenantScope,
    @Param('address') address: string,
    @Query({ schema: mergedQuerySchema }) query: MergedQuery,
  ): Promise<MergedList> {
    return this.unmerging.list(scope, parseAddress(address, query.namespace), query);
  }

  @Post('memories/:address/unmerge')
  @HttpCode(200)
  @RequireScope('memories:write')
  @ApiOperation({
    summary: 'Put back a merged memory as it was, or all that the memory named stands for',
  })
  @ApiAddress()
  @ApiIdempotencyKey()
  @ApiOkResponse({ standardSchema: unmergedSchema, description: 'Those are found from now on.' })
  @ApiProblems(
    'NAMESPACE_FORBIDDEN',
    'COORDINATE_INVALID',
    'MEMORY_NOT_FOUND',
    'COORDINATE_TAKEN',
    'IDEMPOTENCY_KEY_REUSED',
    'QUOTA_EXCEEDED',
  )
  unmerge(
    @CallerTenant() scope: TenantScope,
    @Param('address') address: string,
    @Query({ schema: addressQuerySchema }) { namespace }: { namespace: string },
    @Body({ schema: unmergeSchema }) body: Unmerge,
    @Idempotency() claim: IdempotencyClaim | undefined,
  ): Promise<Unmerged> {
    return this.unmerging.unmerge(scope, parseAddress(address, namespace), body, { claim });
  }
}
