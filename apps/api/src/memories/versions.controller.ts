import {
  Controller,
  Get,
  Headers,
  HttpCode,
  Param,
  Post,
  Query,
  UseInterceptors,
} from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { IdempotencyClaim, TenantScope } from '@soma/core';
import {
  addressQuerySchema,
  type ListVersions,
  listVersionsSchema,
  type Memory,
  memorySchema,
  parseAddress,
  versionNumberSchema,
  type VersionPage,
  versionPageSchema,
  VersionService,
} from '@soma/memory';
import { CallerTenant, RequireScope } from '@soma/tenancy';
import { ApiIdempotencyKey, ApiIfMatch, ApiProblems } from '../http/api-responses.js';
import { AuditsRecall, idsOf } from '../http/audit.interceptor.js';
import { EntityTagInterceptor } from '../http/entity-tag.interceptor.js';
import { Idempotency } from '../http/idempotency.js';
import { ApiAddress } from './api-address.js';

const ApiVersion = () =>
  ApiParam({
    name: 'version',
    description: 'Number of the version; 1 is the first.',
    schema: { type: 'integer', minimum: 1, maximum: 2_147_483_647, example: 1 },
  });

@ApiTags('memories')
@ApiBearerAuth()
@Controller('memories/:address/versions')
export class VersionsController {
  constructor(private readonly versions: VersionService) {}

  @Get()
  @AuditsRecall('memories.versions', (page: VersionPage) => idsOf(page.versions))
  @RequireScope('memories:read')
  @ApiOperation({ summary: 'List the versions of a memory, newest first' })
  @ApiAddress()
  @ApiOkResponse({ standardSchema: versionPageSchema, description: 'A page.' })
  @ApiProblems('NAMESPACE_FORBIDDEN', 'COORDINATE_INVALID', 'MEMORY_NOT_FOUND', 'CURSOR_INVALID')
  list(
    @CallerTenant() scope: TenantScope,
    @Param('address') address: string,
    @Query({ schema: listVersionsSchema }) { namespace, ...page }: ListVersions,
  ): Promise<VersionPage> {
    return this.versions.list(scope, parseAddress(address, namespace), page);
  }

  @Get(':version')
  @AuditsRecall('memories.read_version', (memory: Memory) => idsOf([memory]))
  @RequireScope('memories:read')
  @UseInterceptors(EntityTagInterceptor)
  @ApiOperation({ summary: 'Read one version of a memory; no access is counted' })
  @ApiAddress()
  @ApiVersion()
  @ApiOkResponse({ standardSchema: memorySchema, description: 'The memory as it was then.' })
  @ApiProblems('NAMESPACE_FORBIDDEN', 'COORDINATE_INVALID', 'MEMORY_NOT_FOUND', 'VERSION_NOT_FOUND')
  read(
    @CallerTenant() scope: TenantScope,
    @Param('address') address: string,
    @Param('version', { schema: versionNumberSchema }) version: number,
    @Query({ schema: addressQuerySchema }) { namespace }: { namespace: string },
  ): Promise<Memory> {
    return this.versions.read(scope, parseAddress(address, namespace), version);
  }

  @Post(':version/restore')
  @HttpCode(200)
  @RequireScope('memories:write')
  @UseInterceptors(EntityTagInterceptor)
  @ApiOperation({ summary: 'Write an earlier version as the next one' })
  @ApiAddress()
  @ApiVersion()
  @ApiIdempotencyKey()
  @ApiIfMatch()
  @ApiOkResponse({ standardSchema: memorySchema, description: 'The new version.' })
  @ApiProblems(
    'NAMESPACE_FORBIDDEN',
    'COORDINATE_INVALID',
    'MEMORY_NOT_FOUND',
    'VERSION_NOT_FOUND',
    'VERSION_EXPIRED',
    'VERSION_MISMATCH',
    'IDEMPOTENCY_KEY_REUSED',
    'QUOTA_EXCEEDED',
  )
  restore(
    @CallerTenant() scope: TenantScope,
    @Param('address') address: string,
    @Param('version', { schema: versionNumberSchema }) version: number,
    @Query({ schema: addressQuerySchema }) { namespace }: { namespace: string },
    @Headers('if-match') ifMatch: string | undefined,
    @Idempotency() claim: IdempotencyClaim | undefined,
  ): Promise<Memory> {
    return this.versions.restore(scope, parseAddress(address, namespace), {
      version,
      claim,
      ifMatch,
    });
  }
}
