import { Body, Controller, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  Caller,
  OperatorOnly,
  type Principal,
  type Quotas,
  QuotaService,
  quotasSchema,
  RequireScope,
  type SetQuotas,
  setQuotasSchema,
  type Usage,
  type UsageQuery,
  usageQuerySchema,
  usageSchema,
  type VerifiedQuotas,
  verifiedQuotasSchema,
  type VerifyQuotas,
  verifyQuotasSchema,
} from '@soma/tenancy';
import { ApiProblems } from '../http/api-responses.js';
import { ApiTenant } from './api-tenant.js';

@ApiTags('admin')
@ApiBearerAuth()
@Controller('admin')
export class QuotasController {
  constructor(private readonly quotas: QuotaService) {}

  @Get('tenants/:tenant/usage')
  @RequireScope('admin')
  @ApiOperation({ summary: 'What a tenant keeps now, and what it asked for day by day' })
  @ApiOkResponse({ standardSchema: usageSchema, description: 'The counts.' })
  @ApiTenant()
  @ApiProblems('TENANT_NOT_FOUND', 'NAMESPACE_FORBIDDEN')
  usage(
    @Caller() by: Principal,
    @Param('tenant') tenant: string,
    @Query({ schema: usageQuerySchema }) query: UsageQuery,
  ): Promise<Usage> {
    return this.quotas.used(by, tenant, query);
  }

  @Get('tenants/:tenant/quotas')
  @RequireScope('admin')
  @ApiOperation({ summary: 'How much a tenant may keep, ask and spend' })
  @ApiOkResponse({ standardSchema: quotasSchema, description: 'As set, and as it applies.' })
  @ApiTenant()
  @ApiProblems('TENANT_NOT_FOUND')
  get(@Caller() by: Principal, @Param('tenant') tenant: string): Promise<Quotas> {
    return this.quotas.get(by, tenant);
  }

  @Put('tenants/:tenant/quotas')
  @OperatorOnly()
  @ApiOperation({ summary: 'Set all quotas of a tenant; those left out become the default' })
  @ApiOkResponse({ standardSchema: quotasSchema, description: 'As set, and as it applies.' })
  @ApiTenant()
  @ApiProblems('TENANT_NOT_FOUND')
  set(
    @Caller() by: Principal,
    @Param('tenant') tenant: string,
    @Body({ schema: setQuotasSchema }) body: SetQuotas,
  ): Promise<Quotas> {
    return this.quotas.set(by, tenant, body);
  }

  @Post('quotas/verify')
  @HttpCode(200)
  @OperatorOnly()
  @ApiOperation({ summary: 'Compare the counters of what is kept with a recount' })
  @ApiOkResponse({ standardSchema: verifiedQuotasSchema, description: 'What differs.' })
  @ApiProblems('TENANT_NOT_FOUND')
  verify(
    @Caller() by: Principal,
    @Body({ schema: verifyQuotasSchema }) body: VerifyQuotas,
  ): Promise<VerifiedQuotas> {
    return this.quotas.verify(by, body);
  }
}
