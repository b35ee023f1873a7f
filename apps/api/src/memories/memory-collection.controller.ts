import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { IdempotencyClaim, TenantScope } from '@soma/core';
import {
  type BulkResult,
  bulkResultSchema,
  type BulkStore,
  bulkStoreSchema,
  type DeleteMemories,
  deleteMemoriesSchema,
  type Deletion,
  deletionSchema,
  type ListMemories,
  listMemoriesSchema,
  MAX_BULK,
  MemoryCollectionService,
  type MemoryPage,
  memoryPageSchema,
} from '@soma/memory';
import {
  MAX_SEARCHES,
  type SearchBatch,
  type SearchBatchResult,
  searchBatchResultSchema,
  searchBatchSchema,
  SearchBatchService,
  type SearchRequest,
  searchRequestSchema,
  type SearchResponse,
  searchResponseSchema,
  SearchService,
} from '@soma/search';
import { CallerTenant, OpenToQuarantined, RequireScope } from '@soma/tenancy';
import { ApiIdempotencyKey, ApiProblems } from '../http/api-responses.js';
import { AuditsRecall, idsOf } from '../http/audit.interceptor.js';
import { Idempotency } from '../http/idempotency.js';
import { CountsSearches } from '../http/usage.interceptor.js';

/** Before the body was judged. */
const searchesOfBatch = (body: unknown): number => {
  const { searches } = (body ?? {}) as { searches?: unknown };
  return Array.isArray(searches) ? Math.min(searches.length, MAX_SEARCHES) : 0;
};

const shownByBatch = ({ results }: SearchBatchResult) => {
  const found = results.flatMap(({ answer }) => answer?.memories ?? []);
  return { ...idsOf(found), details: { searches: results.length } };
};

@ApiTags('memories')
@ApiBearerAuth()
@Controller('memories')
export class MemoryCollectionController {
  constructor(
    private readonly collection: MemoryCollectionService,
    private readonly searching: SearchService,
    private readonly batches: SearchBatchService,
  ) {}

  @Get()
  @AuditsRecall('memories.list', (page: MemoryPage) => idsOf(page.memories))
  @RequireScope('memories:read')
  @ApiOperation({ summary: 'List memories, by page; by filter or inside a box of coordinates' })
  @ApiOkResponse({ standardSchema: memoryPageSchema, description: 'A page.' })
  @ApiProblems('NAMESPACE_FORBIDDEN', 'CURSOR_INVALID', 'FILTER_INVALID', 'COORDINATE_INVALID')
  list(
    @CallerTenant() scope: TenantScope,
    @Query({ schema: listMemoriesSchema }) query: ListMemories,
  ): Promise<MemoryPage> {
    return this.collection.list(scope, query);
  }

  @Post('bulk')
  @HttpCode(200)
  @RequireScope('memories:write')
  @OpenToQuarantined()
  @ApiOperation({ summary: `Store up to ${MAX_BULK} memories, with a status for each` })
  @ApiIdempotencyKey()
  @ApiBody({
    schema: {
      type: 'object',
      required: ['memories'],
      additionalProperties: false,
      properties: {
        memories: {
          type: 'array',
          minItems: 1,
          maxItems: MAX_BULK,
          items: { $ref: '#/components/schemas/StoreMemory' },
        },
      },
      example: { memories: [{ payload: { text: 'The user prefers answers in French.' } }] },
    },
  })
  @ApiOkResponse({ standardSchema: bulkResultSchema, description: 'What became of each.' })
  @ApiProblems('IDEMPOTENCY_KEY_REUSED', 'BODY_TOO_LARGE', 'QUOTA_EXCEEDED')
  storeBulk(
    @CallerTenant() scope: TenantScope,
    @Body({ schema: bulkStoreSchema }) body: BulkStore,
    @Idempotency() claim: IdempotencyClaim | undefined,
  ): Promise<BulkResult> {
    return this.collection.storeBulk(scope, body, { claim });
  }

  @Post('search')
  @HttpCode(200)
  @CountsSearches(() => 1)
  @AuditsRecall('memories.search', (answer: SearchResponse) => idsOf(answer.memories))
  @RequireScope('memories:read')
  @ApiOperation({ summary: 'Find memories by meaning and words' })
  @ApiOkResponse({ standardSchema: searchResponseSchema, description: 'Best first.' })
  @ApiProblems(
    'EXTENSION_REFUSED',
    'EXTENSION_FAILED',
    'NAMESPACE_FORBIDDEN',
    'FILTER_INVALID',
    'EMBEDDING_UNAVAILABLE',
  )
  search(
    @CallerTenant() scope: TenantScope,
    @Body({ schema: searchRequestSchema }) body: SearchRequest,
  ): Promise<SearchResponse> {
    return this.searching.search(scope, body);
  }

  @Post('search/batch')
  @HttpCode(200)
  @CountsSearches(searchesOfBatch)
  @AuditsRecall('memories.search_batch', shownByBatch)
  @RequireScope('memories:read')
  @ApiOperation({ summary: `Ask up to ${MAX_SEARCHES} searches, with an answer for each` })
  @ApiBody({
    schema: {
      type: 'object',
      required: ['searches'],
      additionalProperties: false,
      properties: {
        searches: {
          type: 'array',
          minItems: 1,
          maxItems: MAX_SEARCHES,
          items: { $ref: '#/components/schemas/SearchRequest' },
        },
      },
      example: { searches: [{ query: 'Which language does the user prefer?' }] },
    },
  })
  @ApiOkResponse({ standardSchema: searchBatchResultSchema, description: 'What came of each.' })
  @ApiProblems()
  searchBatch(
    @CallerTenant() scope: TenantScope,
    @Body({ schema: searchBatchSchema }) body: SearchBatch,
  ): Promise<SearchBatchResult> {
    return this.batches.search(scope, body);
  }

  @Post('delete')
  @HttpCode(200)
  @RequireScope('memories:write')
  @ApiOperation({ summary: 'Delete by filter or ids; only counts unless dry_run is false' })
  @ApiIdempotencyKey()
  @ApiOkResponse({ standardSchema: deletionSchema, description: 'What was, or would be, deleted.' })
  @ApiProblems(
    'EXTENSION_REFUSED',
    'EXTENSION_FAILED',
    'NAMESPACE_FORBIDDEN',
    'FILTER_INVALID',
    'IDEMPOTENCY_KEY_REUSED',
  )
  delete(
    @CallerTenant() scope: TenantScope,
    @Body({ schema: deleteMemoriesSchema }) body: DeleteMemories,
    @Idempotency() claim: IdempotencyClaim | undefined,
  ): Promise<Deletion> {
    return this.collection.delete(scope, body, { claim });
  }
}
