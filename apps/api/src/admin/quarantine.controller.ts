import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  type ListQuarantine,
  listQuarantineSchema,
  type QuarantineList,
  quarantineListSchema,
  type QuarantineRequest,
  QuarantineService,
  quarantineTargetSchema,
  type Rejection,
  rejectionSchema,
  type Release,
  releaseSchema,
} from '@soma/memory';
import { Caller, type Principal, RequireScope, TenancyService } from '@soma/tenancy';
import { ApiProblems } from '../http/api-responses.js';
import { AuditsRecall, idsOf } from '../http/audit.interceptor.js';
import { ApiTenant } from './api-tenant.js';

@ApiTags('admin')
@ApiBearerAuth()
@Controller('admin/tenants/:tenant/quarantine')
export class QuarantineController {
  constructor(
    private readonly tenancy: TenancyService,
    private readonly quarantine: QuarantineService,
  ) {}

  @Get()
  @AuditsRecall('quarantine.list', ({ writes }: QuarantineList) =>
    idsOf(writes.filter(({ memory }) => memory !== null)),
  )
  @RequireScope('admin')
  @ApiOperation({ summary: 'List what tokens in quarantine stored, oldest first' })
  @ApiOkResponse({ standardSchema: quarantineListSchema, description: 'A page.' })
  @ApiTenant()
  @ApiProblems('TENANT_NOT_FOUND', 'NAMESPACE_FORBIDDEN', 'CURSOR_INVALID')
  async list(
    @Caller() by: Principal,
    @Param('tenant') tenant: string,
    @Query({ schema: listQuarantineSchema }) query: ListQuarantine,
  ): Promise<QuarantineList> {
    const scope = await this.tenancy.administeredWhole(by, tenant);
    const readsData = by.kind === 'tenant' && by.scopes.has('memories:read');
    return this.quarantine.list(scope, query, { readsData });
  }

  @Post('release')
  @HttpCode(200)
  @RequireScope('admin')
  @ApiOperation({ summary: 'Make memories of writes in quarantine, with the trust they came with' })
  @ApiOkResponse({ standardSchema: releaseSchema, description: 'What was released.' })
  @ApiTenant()
  @ApiProblems('TENANT_NOT_FOUND', 'NAMESPACE_FORBIDDEN', 'QUOTA_EXCEEDED')
  async release(
    @Caller() by: Principal,
    @Param('tenant') tenant: string,
    @Body({ schema: quarantineTargetSchema }) body: QuarantineRequest,
  ): Promise<Release> {
    return this.quarantine.release(await this.tenancy.administeredWhole(by, tenant), body);
  }

  @Post('reject')
  @HttpCode(200)
  @RequireScope('admin')
  @ApiOperation({ summary: 'Delete writes in quarantine, with a receipt' })
  @ApiOkResponse({ standardSchema: rejectionSchema, description: 'What was deleted.' })
  @ApiTenant()
  @ApiProblems('TENANT_NOT_FOUND', 'NAMESPACE_FORBIDDEN')
  async reject(
    @Caller() by: Principal,
    @Param('tenant') tenant: string,
    @Body({ schema: quarantineTargetSchema }) body: QuarantineRequest,
  ): Promise<Rejection> {
    return this.quarantine.reject(await this.tenancy.administeredWhole(by, tenant), body);
  }
}
