import { Body, Controller, Delete, Get, HttpCode, Param, Put } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import {
  type DecayPolicy,
  type DecayPolicyAnswer,
  decayPolicyAnswerSchema,
  decayPolicySchema,
  DecayPolicyService,
} from '@soma/forgetting';
import { Caller, type Principal, RequireScope, TenancyService } from '@soma/tenancy';
import { ApiTenant } from '../admin/api-tenant.js';
import { ApiProblems } from '../http/api-responses.js';
import { wholeTenant } from './whole-tenant.js';

@ApiTags('admin')
@ApiBearerAuth()
@Controller('admin/tenants/:tenant/decay-policy')
export class DecayPolicyController {
  constructor(
    private readonly tenancy: TenancyService,
    private readonly policies: DecayPolicyService,
  ) {}

  @Get()
  @RequireScope('admin')
  @ApiOperation({ summary: 'How memories of a tenant fade, and what decays when' })
  @ApiTenant()
  @ApiOkResponse({ standardSchema: decayPolicyAnswerSchema, description: 'As set, or null.' })
  @ApiProblems('TENANT_NOT_FOUND')
  async get(@Caller() by: Principal, @Param('tenant') tenant: string): Promise<DecayPolicyAnswer> {
    return this.policies.get(await this.tenancy.administered(by, tenant));
  }

  @Put()
  @RequireScope('admin')
  @ApiOperation({ summary: 'Set the decay policy of a tenant, in place of the one before' })
  @ApiTenant()
  @ApiOkResponse({ standardSchema: decayPolicyAnswerSchema, description: 'As it applies now.' })
  @ApiProblems('TENANT_NOT_FOUND', 'NAMESPACE_FORBIDDEN')
  async set(
    @Caller() by: Principal,
    @Param('tenant') tenant: string,
    @Body({ schema: decayPolicySchema }) body: DecayPolicy,
  ): Promise<DecayPolicyAnswer> {
    return this.policies.set(await this.tenancy.administered(wholeTenant(by), tenant), body);
  }

  @Delete()
  @HttpCode(204)
  @RequireScope('admin')
  @ApiOperation({ summary: 'Remove the decay policy of a tenant: nothing decays any more' })
  @ApiTenant()
  @ApiNoContentResponse({ description: 'There is none now.' })
  @ApiProblems('TENANT_NOT_FOUND', 'NAMESPACE_FORBIDDEN')
  async remove(@Caller() by: Principal, @Param('tenant') tenant: string): Promise<void> {
    await this.policies.remove(await this.tenancy.administered(wholeTenant(by), tenant));
  }
}
