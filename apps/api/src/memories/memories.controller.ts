import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Param,
  Patch,
  Post,
  Query,
  Res,
  UseInterceptors,
} from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { IdempotencyClaim, TenantScope } from '@soma/core';
import {
  type Memory,
  MemoryService,
  addressQuerySchema,
  memorySchema,
  parseAddress,
  patchMemorySchema,
  type PatchMemory,
  type ReadMemoryQuery,
  readMemoryQuerySchema,
  storeMemorySchema,
  type StoreMemory,
  VersionService,
} from '@soma/memory';
import { CallerTenant, OpenToQuarantined, RequireScope } from '@soma/tenancy';
import type { Response } from 'express';
import { ApiIdempotencyKey, ApiIfMatch, ApiProblems } from '../http/api-responses.js';
import { AuditsRecall, idsOf } from '../http/audit.interceptor.js';
import { EntityTagInterceptor } from '../http/entity-tag.interceptor.js';
import { Idempotency } from '../http/idempotency.js';
import { RECEIPT_HEADER } from '../http/receipt-header.js';
import { ApiAddress } from './api-address.js';

@ApiTags('memories')
@ApiBearerAuth()
@Controller('memories')
export class MemoriesController {
  constructor(
    private readonly memories: MemoryService,
    private readonly versions: VersionService,
  ) {}

  @Post()
  @RequireScope('memories:write')
  @OpenToQuarantined()
  @UseInterceptors(EntityTagInterceptor)
  @ApiOperation({ summary: 'Store a memory; at a taken coordinate, as its next version' })
  @ApiIdempotencyKey()
  @ApiCreatedResponse({
    standardSchema: memorySchema,
    description: 'Stored, and found from now on.',
  })
  @ApiProblems(
    'EXTENSION_REFUSED',
    'EXTENSION_FAILED',
    'NAMESPACE_FORBIDDEN',
    'TOKEN_RIGHTS_EXCEEDED',
    'COORDINATE_INVALID',
    'MEMORY_NOT_FOUND',
    'IDEMPOTENCY_KEY_REUSED',
    'MEMORY_DERIVED',
    'BODY_TOO_LARGE',
    'QUOTA_EXCEEDED',
  )
  store(
    @CallerTenant() scope: TenantScope,
    @Body({ schema: storeMemorySchema }) body: StoreMemory,
    @Idempotency() claim: IdempotencyClaim | undefined,
  ): Promise<Memory> {
    return this.memories.store(scope, body, { claim });
  }

  @Get(':address')
  @AuditsRecall('memories.read', (memory: Memory) => idsOf([memory]))
  @RequireScope('memories:read')
  @UseInterceptors(EntityTagInterceptor)
  @ApiOperation({
    summary: 'Read a memory by coordinate or id, and count the access; or as it was known',
  })
  @ApiAddress()
  @ApiOkResponse({ standardSchema: memorySchema, description: 'The memory; ETag is its version.' })
  @ApiProblems('COORDINATE_INVALID', 'MEMORY_NOT_FOUND')
  get(
    @CallerTenant() scope: TenantScope,
    @Param('address') address: string,
    @Query({ schema: readMemoryQuerySchema }) { namespace, known_at: at }: ReadMemoryQuery,
  ): Promise<Memory> {
    const named = parseAddress(address, namespace);
    return at === undefined
      ? this.memories.get(scope, named)
      : this.versions.knownAt(scope, named, new Date(at));
  }

  @Patch(':address')
  @RequireScope('memories:write')
  @UseInterceptors(EntityTagInterceptor)
  @ApiOperation({ summary: 'Change the named fields, as the next version' })
  @ApiAddress()
  @ApiIdempotencyKey()
  @ApiIfMatch()
  @ApiOkResponse({ standardSchema: memorySchema, description: 'The new version.' })
  @ApiProblems(
    'EXTENSION_REFUSED',
    'EXTENSION_FAILED',
    'COORDINATE_INVALID',
    'MEMORY_NOT_FOUND',
    'TOKEN_RIGHTS_EXCEEDED',
    'WRITER_QUARANTINED',
    'VERSION_MISMATCH',
    'MEMORY_DERIVED',
    'IDEMPOTENCY_KEY_REUSED',
    'QUOTA_EXCEEDED',
  )
  patch(
    @CallerTenant() scope: TenantScope,
    @Param('address') address: string,
    @Query({ schema: addressQuerySchema }) { namespace }: { namespace: string },
    @Body({ schema: patchMemorySchema }) body: PatchMemory,
    @Headers('if-match') ifMatch: string | undefined,
    @Idempotency() claim: IdempotencyClaim | undefined,
  ): Promise<Memory> {
    return this.memories.patch(scope, parseAddress(address, namespace), body, { claim, ifMatch });
  }

  @Delete(':address')
  @HttpCode(204)
  @RequireScope('memories:write')
  @ApiOperation({ summary: 'Delete a memory with its versions and links' })
  @ApiAddress()
  @ApiIdempotencyKey()
  @ApiIfMatch()
  @ApiNoContentResponse({
    description: 'Deleted; no search finds it any more.',
    headers: {
      [RECEIPT_HEADER]: {
        description: 'Id of the receipt, for `GET /deletions/{id}`.',
        schema: { type: 'string', format: 'uuid' },
      },
    },
  })
  @ApiProblems(
    'EXTENSION_REFUSED',
    'EXTENSION_FAILED',
    'COORDINATE_INVALID',
    'MEMORY_NOT_FOUND',
    'MEMORY_ON_HOLD',
    'VERSION_MISMATCH',
    'IDEMPOTENCY_KEY_REUSED',
  )
  async delete(
    @CallerTenant() scope: TenantScope,
    @Param('address') address: string,
    @Query({ schema: addressQuerySchema }) { namespace }: { namespace: string },
    @Headers('if-match') ifMatch: string | undefined,
    @Idempotency() claim: IdempotencyClaim | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    const options = { claim, ifMatch };
    const receipt = await this.memories.delete(scope, parseAddress(address, namespace), options);
    response.setHeader(RECEIPT_HEADER, receipt);
  }
}
