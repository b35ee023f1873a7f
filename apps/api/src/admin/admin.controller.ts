import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import {
  Caller,
  type CreatedToken,
  createdTokenSchema,
  type CreateTenant,
  createTenantSchema,
  type CreateToken,
  createTokenSchema,
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
  type TokenList,
  tokenListSchema,
} from '@soma/tenancy';
import { ApiProblems } from '../http/api-responses.js';

const ApiTenant = () => ApiParam({ name: 'tenant', description: 'Id of the tenant.' });

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

  @Post(':tenant/tokens')
  @RequireScope('admin')
  @ApiOperation({ summary: 'Create a token of a tenant; its text is shown this once' })
  @ApiCreatedResponse({ standardSchema: createdTokenSchema, description: 'The token.' })
  @ApiTenant()
  @ApiProblems('TENANT_NOT_FOUND')
  createToken(
    @Caller() by: Principal,
    @Param('tenant') tenant: string,
    @Body({ schema: createTokenSchema }) body: CreateToken,
  ): Promise<CreatedToken> {
    return this.tenancy.createToken(by, tenant, body);
  }

  @Get(':tenant/tokens')
  @RequireScope('admin')
  @ApiOperation({ summary: "List a tenant's tokens, without their secrets" })
  @ApiOkResponse({ standardSchema: tokenListSchema, description: 'The tokens.' })
  @ApiTenant()
  @ApiProblems('TENANT_NOT_FOUND')
  listTokens(@Caller() by: Principal, @Param('tenant') tenant: string): Promise<TokenList> {
    return this.tenancy.listTokens(by, tenant);
  }

  @Delete(':tenant/tokens/:token')
  @HttpCode(204)
  @RequireScope('admin')
  @ApiOperation({ summary: 'Revoke a token; within five seconds it is refused everywhere' })
  @ApiNoContentResponse({ description: 'Revoked.' })
  @ApiTenant()
  @ApiParam({ name: 'token', description: 'Id of the token, the part between the two _.' })
  @ApiProblems('TENANT_NOT_FOUND', 'TOKEN_NOT_FOUND')
  revokeToken(
    @Caller() by: Principal,
    @Param('tenant') tenant: string,
    @Param('token') token: string,
  ): Promise<void> {
    return this.tenancy.revokeToken(by, tenant, token);
  }
}
