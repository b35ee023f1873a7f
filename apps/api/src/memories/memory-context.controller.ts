import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { TenantScope } from '@soma/core';
import {
  type ContextRequest,
  contextRequestSchema,
  type ContextResponse,
  contextResponseSchema,
  MemoryContextService,
} from '@soma/search';
import { CallerTenant, RequireScope } from '@soma/tenancy';
import { ApiProblems } from '../http/api-responses.js';
import { AuditsRecall, idsOf } from '../http/audit.interceptor.js';
import { CountsSearches } from '../http/usage.interceptor.js';

@ApiTags('memories')
@ApiBearerAuth()
@Controller('memories')
export class MemoryContextController {
  constructor(private readonly contexts: MemoryContextService) {}

  @Post('context')
  @HttpCode(200)
  @CountsSearches(() => 1)
  @AuditsRecall('memories.context', ({ citations }: ContextResponse) =>
    idsOf(citations.map(({ memory_id: id }) => ({ id }))),
  )
  @RequireScope('memories:read')
  @ApiOperation({ summary: 'A text for a prompt, under a budget of tokens, each line cited' })
  @ApiOkResponse({ standardSchema: contextResponseSchema, description: 'The text and its parts.' })
  @ApiProblems(
    'EXTENSION_REFUSED',
    'EXTENSION_FAILED',
    'NAMESPACE_FORBIDDEN',
    'FILTER_INVALID',
    'EMBEDDING_UNAVAILABLE',
  )
  pack(
    @CallerTenant() scope: TenantScope,
    @Body({ schema: contextRequestSchema }) body: ContextRequest,
  ): Promise<ContextResponse> {
    return this.contexts.pack(scope, body);
  }
}
