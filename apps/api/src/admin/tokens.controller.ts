import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
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
  type CreateToken,
  createTokenSchema,
  type Principal,
  RequireScope,
  type RotateToken,
  rotateTokenSchema,
  type TokenList,
  tokenListSchema,
  TokenService,
} from '@soma/tenancy';
import { ApiProblems } from '../http/api-responses.js';
import { ApiTenant } from './api-tenant.js';

const ApiToken = () =>
  ApiParam({ name: 'token', description: 'Id of the token, the part between the two _.' });

@ApiTags('admin')
@ApiBearerAuth()
@Controller('admin/tenants/:tenant/tokens')
export class TokensController {
  constructor(private readonly tokens: TokenService) {}

  @Post()
  @RequireScope('admin')
  @ApiOperation({ summary: 'Create a token of a tenant; its text is shown this once' })
  @ApiCreatedResponse({ standardSchema: createdTokenSchema, description: 'The token.' })
  @ApiTenant()
  @ApiProblems('TENANT_NOT_FOUND', 'TOKEN_RIGHTS_EXCEEDED')
  create(
    @Caller() by: Principal,
    @Param('tenant') tenant: string,
    @Body({ schema: createTokenSchema }) body: CreateToken,
  ): Promise<CreatedToken> {
    return this.tokens.create(by, tenant, body);
  }

  @Get()
  @RequireScope('admin')
  @ApiOperation({ summary: "List a tenant's tokens, without their secrets" })
  @ApiOkResponse({ standardSchema: tokenListSchema, description: 'The tokens.' })
  @ApiTenant()
  @ApiProblems('TENANT_NOT_FOUND')
  list(@Caller() by: Principal, @Param('tenant') tenant: string): Promise<TokenList> {
    return this.tokens.list(by, tenant);
  }

  @Post(':token/rotate')
  @RequireScope('admin')
  @ApiOperation({ summary: 'Give a token a new secret, shown this once; the old one ends later' })
  @ApiCreatedResponse({ standardSchema: createdTokenSchema, description: 'The token anew.' })
  @ApiTenant()
  @ApiToken()
  @ApiProblems('TENANT_NOT_FOUND', 'TOKEN_NOT_FOUND', 'TOKEN_RIGHTS_EXCEEDED')
  rotate(
    @Caller() by: Principal,
    @Param('tenant') tenant: string,
    @Param('token') token: string,
    @Body({ schema: rotateTokenSchema }) body: RotateToken,
  ): Promise<CreatedToken> {
    return this.tokens.rotate(by, tenant, token, body);
  }

  @Delete(':token')
  @HttpCode(204)
  @RequireScope('admin')
  @ApiOperation({ summary: 'Revoke a token; within five seconds it is refused everywhere' })
  @ApiNoContentResponse({ description: 'Revoked.' })
  @ApiTenant()
  @ApiToken()
  @ApiProblems('TENANT_NOT_FOUND', 'TOKEN_NOT_FOUND')
  revoke(
    @Caller() by: Principal,
    @Param('tenant') tenant: string,
    @Param('token') token: string,
  ): Promise<void> {
    return this.tokens.revoke(by, tenant, token);
  }
}
