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
  UseInterceptors,
} from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
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
  storeMemorySchema,
  type StoreMemory,
} from '@soma/memory';
import { CallerTenant, RequireScope } from '@soma/tenancy';
import { ApiIdempotencyKey, ApiIfMatch, ApiProblems } from '../http/api-responses.js';
import { EntityTagInterceptor } from '../http/entity-tag.interceptor.js';
import { Idempotency } from '../http/idempotency.js';

const ApiAddress = () =>
  ApiParam({ name: 'address', description: 'Coordinate or id of the memory.', example: '1,2,3' });

@ApiTags('memories')
@ApiBearerAuth()
@Controller('memories')
export class MemoriesController {
  constructor(private readonly memories: MemoryService) {}

  @Post()
  @RequireScope('memories:write')
  @UseInterceptors(EntityTagInterceptor)
  @ApiOperation({ summary: 'Store a memory; at a taken coordinate, as its next version' })
  @ApiIdempotencyKey()
  @ApiCreatedResponse({
    standardSchema: memorySchema,
    description: 'Stored, and found from now on.',
  })
  @ApiProblems('COORDINATE_INVALID', 'MEMORY_NOT_FOUND', 'IDEMPOTENCY_KEY_REUSED', 'BODY_TOO_LARGE')
  store(
    @CallerTenant() scope: TenantScope,
    @Body({ schema: storeMemorySchema }) body: StoreMemory,
    @Idempotency() claim: IdempotencyClaim | undefined,
  ): Promise<Memory> {
    return this.memories.store(scope, body, { claim });
  }

  @Get(':address')
  @RequireScope('memories:read')
  @UseInterceptors(EntityTagInterceptor)
  @ApiOperation({ summary: 'Read a memory by coordinate or id, and count the access' })
  @ApiAddress()
  @ApiOkResponse({ standardSchema: memorySchema, description: 'The memory; ETag is its version.' })
  @ApiProblems('COORDINATE_INVALID', 'MEMORY_NOT_FOUND')
  get(
    @CallerTenant() scope: TenantScope,
    @Param('address') address: string,
    @Query({ schema: addressQuerySchema }) { namespace }: { namespace: string },
  ): Promise<Memory> {
    return this.memories.get(scope, parseAddress(address, namespace));
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
    'COORDINATE_INVALID',
    'MEMORY_NOT_FOUND',
    'VERSION_MISMATCH',
    'IDEMPOTENCY_KEY_REUSED',
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
  @ApiNoContentResponse({ description: 'Deleted; no search finds it any more.' })
  @ApiProblems(
    'COORDINATE_INVALID',
    'MEMORY_NOT_FOUND',
    'VERSION_MISMATCH',
    'IDEMPOTENCY_KEY_REUSED',
  )
  async delete(
    @CallerTenant() scope: TenantScope,
    @Param('address') address: string,
    @Query({ schema: addressQuerySchema }) { namespace }: { namespace: string },
    @Headers('if-match') ifMatch: string | undefined,
    @Idempotency() claim: IdempotencyClaim | undefined,
  ): Promise<void> {
    await this.memories.delete(scope, parseAddress(address, namespace), { claim, ifMatch });
  }
}
