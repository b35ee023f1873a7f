import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import {
  Caller,
  type CreateTenant,
  createTenantSchema,
  OperatorOnly,
  type Principal,
  RequireScope,
  type Tenant,
  type TenantPage,
  tenantPageSchema,
  type TenantQuery,
  tenantQuerySchema,
  tenantSchema,
  TenancyService,
} from '@soma/tenancy';
import { ApiProblems } from '../http/api-responses.js';
import { ApiTenant } from './api-tenant.js';

@ApiTags('admin')
@ApiBearerAuth()
@Controller('admin/tenants')
export class AdminController {
  constructor(private readonly tenancy: TenancyService) {}

  @Post()
  @OperatorOnly()
  @ApiOperation({ summary: 'Create a tenant' })
  @ApiCreatedResponse({ standardSchema: tenantSchema, description: 'The tenant.' })
  @ApiProblems('TENANT_EXISTS')
  createTenant(@Body({ schema: createTenantSchema }) body: CreateTenant): Promise<Tenant> {
    return this.tenancy.createTenant(body);
  }

  @Get()
  @OperatorOnly()
  @ApiOperation({ summary: 'List tenants, oldest first' })
  @ApiOkResponse({ standardSchema: tenantPageSchema, description: 'A page.' })
  @ApiProblems('CURSOR_INVALID')
  listTenants(@Query({ schema: tenantQuerySchema }) query: TenantQuery): Promise<TenantPage> {
    return this.tenancy.listTenants(query);
  }

  @Get(':tenant')
  @RequireScope('admin')
  @ApiOperation({ summary: 'Read a tenant; a token reads its own' })
  @ApiOkResponse({ standardSchema: tenantSchema, description: 'The tenant.' })
  @ApiTenant()
  @ApiProblems('TENANT_NOT_FOUND')
  getTenant(@Caller() by: Principal, @Param('tenant') tenant: string): Promise<Tenant> {
    return this.tenancy.getTenant(by, tenant);
  }

  @Post(':tenant/suspend')
  @HttpCode(200)
  @OperatorOnly()
  @ApiOperation({
    summary: 'Refuse its tokens, within five seconds everywhere; nothing is deleted',
  })
  @ApiOkResponse({ standardSchema: tenantSchema, description: 'The tenant.' })
  @ApiTenant()
  @ApiProblems('TENANT_NOT_FOUND')
  suspendTenant(@Caller() by: Principal, @Param('tenant') tenant: string): Promise<Tenant> {
    return this.tenancy.suspendTenant(by, tenant);
  }

  @Post(':tenant/resume')
  @HttpCode(200)
  @OperatorOnly()
  @ApiOperation({ summary: 'End the suspension of a tenant; within five seconds its tokens work' })
  @ApiOkResponse({ standardSchema: tenantSchema, description: 'The tenant.' })
  @ApiTenant()
  @ApiProblems('TENANT_NOT_FOUND')
  resumeTenant(@Caller() by: Principal, @Param('tenant') tenant: string): Promise<Tenant> {
    return this.tenancy.resumeTenant(by, tenant);
  }
}
