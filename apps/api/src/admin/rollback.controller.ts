import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  type Rollback,
  type RollbackRequest,
  rollbackRequestSchema,
  rollbackSchema,
  RollbackService,
} from '@soma/memory';
import { Caller, type Principal, RequireScope, TenancyService, TokenService } from '@soma/tenancy';
import { ApiProblems } from '../http/api-responses.js';
import { ApiTenant } from './api-tenant.js';

@ApiTags('admin')
@ApiBearerAuth()
@Controller('admin/tenants/:tenant/rollback')
export class RollbackController {
  constructor(
    private readonly tenancy: TenancyService,
    private readonly tokens: TokenService,
    private readonly rollbacks: RollbackService,
  ) {}

  @Post()
  @HttpCode(200)
  @RequireScope('admin')
  @ApiOperation({ summary: 'Take back what one token wrote since a moment, a page at a time' })
  @ApiOkResponse({ standardSchema: rollbackSchema, description: 'What was, or would be, done.' })
  @ApiTenant()
  @ApiProblems('TENANT_NOT_FOUND', 'TOKEN_NOT_FOUND', 'NAMESPACE_FORBIDDEN', 'CURSOR_INVALID')
  async rollBack(
    @Caller() by: Principal,
    @Param('tenant') tenant: string,
    @Body({ schema: rollbackRequestSchema }) body: RollbackRequest,
  ): Promise<Rollback> {
    const scope = await this.tenancy.administeredWhole(by, tenant);
    await this.tokens.find(by, tenant, body.token);
    return this.rollbacks.rollBack(scope, body);
  }
}
