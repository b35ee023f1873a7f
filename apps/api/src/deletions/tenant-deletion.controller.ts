import { Controller, Delete, Get, HttpCode, Param } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { type DeletionReceipt, DeletionService, receiptSchema } from '@soma/deletion';
import { OperatorOnly } from '@soma/tenancy';
import { ApiProblems } from '../http/api-responses.js';

@ApiTags('admin')
@ApiBearerAuth()
@OperatorOnly()
@Controller('admin')
export class TenantDeletionController {
  constructor(private readonly deletions: DeletionService) {}

  @Delete('tenants/:tenant')
  @HttpCode(202)
  @ApiOperation({ summary: 'Delete a tenant with all it has; nobody can undo it' })
  @ApiParam({ name: 'tenant', description: 'Id of the tenant.' })
  @ApiAcceptedResponse({
    standardSchema: receiptSchema,
    description: 'Begun, or begun before: the receipt. Its tokens are refused within 5 seconds.',
  })
  @ApiProblems('TENANT_NOT_FOUND')
  delete(@Param('tenant') tenant: string): Promise<DeletionReceipt> {
    return this.deletions.deleteTenant(tenant);
  }

  @Get('deletions/:id')
  @ApiOperation({ summary: 'Read the receipt of any deletion, also of a tenant that is gone' })
  @ApiParam({ name: 'id', description: 'Id of the receipt.' })
  @ApiOkResponse({ standardSchema: receiptSchema, description: 'The receipt.' })
  @ApiProblems('DELETION_NOT_FOUND')
  read(@Param('id') id: string): Promise<DeletionReceipt> {
    return this.deletions.readAnyones(id);
  }
}
