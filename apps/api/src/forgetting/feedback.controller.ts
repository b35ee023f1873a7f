import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { IdempotencyClaim, TenantScope } from '@soma/core';
import {
  type FeedbackAnswer,
  feedbackAnswerSchema,
  type FeedbackList,
  feedbackListSchema,
  FeedbackService,
  type GiveFeedback,
  giveFeedbackSchema,
  holdSchema,
  HoldService,
  type LegalHold,
  type PlaceHold,
  placeHoldSchema,
  type Salience,
  type SalienceQuery,
  salienceQuerySchema,
  salienceSchema,
  SalienceService,
} from '@soma/forgetting';
import { addressQuerySchema, parseAddress } from '@soma/memory';
import { CallerTenant, RequireScope } from '@soma/tenancy';
import { ApiIdempotencyKey, ApiProblems } from '../http/api-responses.js';
import { Idempotency } from '../http/idempotency.js';
import { ApiAddress } from '../memories/api-address.js';

@ApiTags('memories')
@ApiBearerAuth()
@Controller('memories/:address')
export class FeedbackController {
  constructor(
    private readonly saliences: SalienceService,
    private readonly feedbacks: FeedbackService,
    private readonly holds: HoldService,
  ) {}

  @Get('salience')
  @RequireScope('memories:read')
  @ApiOperation({ summary: 'Importance of a memory at a moment, with all it is computed from' })
  @ApiAddress()
  @ApiOkResponse({ standardSchema: salienceSchema, description: 'The salience and its parts.' })
  @ApiProblems('COORDINATE_INVALID', 'MEMORY_NOT_FOUND')
  salience(
    @CallerTenant() scope: TenantScope,
    @Param('address') address: string,
    @Query({ schema: salienceQuerySchema }) { namespace, at }: SalienceQuery,
  ): Promise<Salience> {
    return this.saliences.at(scope, parseAddress(address, namespace), at);
  }

  @Post('feedback')
  @HttpCode(200)
  @RequireScope('memories:write')
  @ApiOperation({ summary: 'Say what a memory was worth; what it got wrong is put right' })
  @ApiAddress()
  @ApiIdempotencyKey()
  @ApiOkResponse({ standardSchema: feedbackAnswerSchema, description: 'What changed by it.' })
  @ApiProblems(
    'EXTENSION_REFUSED',
    'EXTENSION_FAILED',
    'COORDINATE_INVALID',
    'MEMORY_NOT_FOUND',
    'IDEMPOTENCY_KEY_REUSED',
    'QUOTA_EXCEEDED',
  )
  give(
    @CallerTenant() scope: TenantScope,
    @Param('address') address: string,
    @Query({ schema: addressQuerySchema }) { namespace }: { namespace: string },
    @Body({ schema: giveFeedbackSchema }) body: GiveFeedback,
    @Idempotency() claim: IdempotencyClaim | undefined,
  ): Promise<FeedbackAnswer> {
    return this.feedbacks.give(scope, parseAddress(address, namespace), body, { claim });
  }

  @Get('feedback')
  @RequireScope('memories:read')
  @ApiOperation({ summary: 'What was said of a memory, oldest first' })
  @ApiAddress()
  @ApiOkResponse({ standardSchema: feedbackListSchema, description: 'The last thousand.' })
  @ApiProblems('COORDINATE_INVALID', 'MEMORY_NOT_FOUND')
  list(
    @CallerTenant() scope: TenantScope,
    @Param('address') address: string,
    @Query({ schema: addressQuerySchema }) { namespace }: { namespace: string },
  ): Promise<FeedbackList> {
    return this.feedbacks.list(scope, parseAddress(address, namespace));
  }

  @Put('hold')
  @RequireScope('admin')
  @ApiOperation({ summary: 'Place a legal hold: nothing deletes the memory while it stands' })
  @ApiAddress()
  @ApiIdempotencyKey()
  @ApiOkResponse({ standardSchema: holdSchema, description: 'The hold.' })
  @ApiProblems('COORDINATE_INVALID', 'MEMORY_NOT_FOUND', 'IDEMPOTENCY_KEY_REUSED')
  hold(
    @CallerTenant() scope: TenantScope,
    @Param('address') address: string,
    @Query({ schema: addressQuerySchema }) { namespace }: { namespace: string },
    @Body({ schema: placeHoldSchema }) body: PlaceHold,
    @Idempotency() claim: IdempotencyClaim | undefined,
  ): Promise<LegalHold> {
    return this.holds.place(scope, parseAddress(address, namespace), body, { claim });
  }

  @Delete('hold')
  @HttpCode(204)
  @RequireScope('admin')
  @ApiOperation({ summary: 'Lift a legal hold' })
  @ApiAddress()
  @ApiIdempotencyKey()
  @ApiNoContentResponse({ description: 'The memory is like any other again.' })
  @ApiProblems('COORDINATE_INVALID', 'MEMORY_NOT_FOUND', 'HOLD_NOT_FOUND', 'IDEMPOTENCY_KEY_REUSED')
  async lift(
    @CallerTenant() scope: TenantScope,
    @Param('address') address: string,
    @Query({ schema: addressQuerySchema }) { namespace }: { namespace: string },
    @Idempotency() claim: IdempotencyClaim | undefined,
  ): Promise<void> {
    await this.holds.lift(scope, parseAddress(address, namespace), { claim });
  }
}
