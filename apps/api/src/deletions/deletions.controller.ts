import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { TenantScope } from '@soma/core';
import {
  type DeletionReceipt,
  DeletionService,
  type ReceiptQuery,
  receiptQuerySchema,
  receiptSchema,
} from '@soma/deletion';
import { CallerTenant, RequireScope } from '@soma/tenancy';
import { ApiProblems } from '../http/api-responses.js';

@ApiTags('deletions')
@ApiBearerAuth()
@Controller('deletions')
export class DeletionsController {
  constructor(private readonly deletions: DeletionService) {}

  @Get(':id')
  @RequireScope('memories:read')
  @ApiOperation({ summary: 'Read the receipt of a deletion, and what its verification found' })
  @ApiParam({ name: 'id', description: 'Id of the receipt.' })
  @ApiOkResponse({ standardSchema: receiptSchema, description: 'The receipt.' })
  @ApiProblems('DELETION_NOT_FOUND')
  read(
    @CallerTenant() scope: TenantScope,
    @Param('id') id: string,
    @Query({ schema: receiptQuerySchema }) query: ReceiptQuery,
  ): Promise<DeletionReceipt> {
    return this.deletions.read(scope, id, query);
  }
}
