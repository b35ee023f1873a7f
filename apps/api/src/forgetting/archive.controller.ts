import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { IdempotencyClaim, TenantScope } from '@soma/core';
import {
  type ArchivePage,
  archivePageSchema,
  ArchiveService,
  type DecayStep,
  DecayService,
  decayStepSchema,
  type ListArchive,
  listArchiveSchema,
  type RestoreArchived,
  restoredSchema,
  restoreSchema,
  type RunDecay,
  runDecaySchema,
} from '@soma/forgetting';
import type { Memory } from '@soma/memory';
import { CallerTenant, RequireScope } from '@soma/tenancy';
import type { Response } from 'express';
import { ApiIdempotencyKey, ApiProblems } from '../http/api-responses.js';
import { AuditsRecall, idsOf } from '../http/audit.interceptor.js';
import { Idempotency } from '../http/idempotency.js';
import { RECEIPT_HEADER } from '../http/receipt-header.js';

const ApiArchived = () =>
  ApiParam({ name: 'id', description: 'Of the entry; of a whole memory, its own id.' });

@ApiTags('hierarchy')
@ApiBearerAuth()
@Controller('hierarchy')
export class ArchiveController {
  constructor(
    private readonly decay: DecayService,
    private readonly archive: ArchiveService,
  ) {}

  @Post('decay')
  @HttpCode(200)
  @RequireScope('memories:write')
  @ApiOperation({ summary: 'Apply the decay policy once, or say what it would do on a date' })
  @ApiIdempotencyKey()
  @ApiOkResponse({ standardSchema: decayStepSchema, description: 'What this step does.' })
  @ApiProblems(
    'NAMESPACE_FORBIDDEN',
    'CURSOR_INVALID',
    'DECAY_POLICY_MISSING',
    'IDEMPOTENCY_KEY_REUSED',
  )
  run(
    @CallerTenant() scope: TenantScope,
    @Body({ schema: runDecaySchema }) body: RunDecay,
    @Idempotency() claim: IdempotencyClaim | undefined,
  ): Promise<DecayStep> {
    return this.decay.step(scope, body, { claim });
  }

  @Get('archive')
  @AuditsRecall('archive.list', ({ archived }: ArchivePage) =>
    idsOf(archived.map(({ memory_id: id }) => ({ id }))),
  )
  @RequireScope('memories:read')
  @ApiOperation({ summary: 'List what decayed and can be restored, latest first' })
  @ApiOkResponse({ standardSchema: archivePageSchema, description: 'A page of it.' })
  @ApiProblems('NAMESPACE_FORBIDDEN', 'CURSOR_INVALID')
  list(
    @CallerTenant() scope: TenantScope,
    @Query({ schema: listArchiveSchema }) query: ListArchive,
  ): Promise<ArchivePage> {
    return this.archive.list(scope, query);
  }

  @Post('archive/:id/restore')
  @HttpCode(200)
  @AuditsRecall('archive.restore', (memory: Memory) => idsOf([memory]))
  @RequireScope('memories:write')
  @ApiOperation({ summary: 'Put back what decayed: a memory as it was, or the keys it lost' })
  @ApiArchived()
  @ApiIdempotencyKey()
  @ApiOkResponse({ standardSchema: restoredSchema, description: 'The memory, found from now on.' })
  @ApiProblems(
    'NAMESPACE_FORBIDDEN',
    'COORDINATE_INVALID',
    'ARCHIVE_NOT_FOUND',
    'COORDINATE_TAKEN',
    'IDEMPOTENCY_KEY_REUSED',
    'QUOTA_EXCEEDED',
  )
  restore(
    @CallerTenant() scope: TenantScope,
    @Param('id') id: string,
    @Body({ schema: restoreSchema }) body: RestoreArchived,
    @Idempotency() claim: IdempotencyClaim | undefined,
  ): Promise<Memory> {
    return this.archive.restore(scope, id, body, { claim });
  }

  @Delete('archive/:id')
  @HttpCode(204)
  @RequireScope('memories:write')
  @ApiOperation({ summary: 'Delete an archived memory for good, before its time is over' })
  @ApiArchived()
  @ApiIdempotencyKey()
  @ApiNoContentResponse({
    description: 'Deleted; nothing restores it any more.',
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
    'NAMESPACE_FORBIDDEN',
    'ARCHIVE_NOT_FOUND',
    'IDEMPOTENCY_KEY_REUSED',
  )
  async delete(
    @CallerTenant() scope: TenantScope,
    @Param('id') id: string,
    @Idempotency() claim: IdempotencyClaim | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    response.setHeader(RECEIPT_HEADER, await this.archive.delete(scope, id, { claim }));
  }
}
