import { Body, Controller, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  type AppliedEncryption,
  appliedEncryptionSchema,
  type ApplyEncryption,
  applyEncryptionSchema,
  EncryptionService,
  type EncryptionStatus,
  encryptionStatusSchema,
  type RewrapKeys,
  rewrapSchema,
  type RewrappedKeys,
  rewrappedSchema,
  type SetEncryption,
  setEncryptionSchema,
} from '@soma/encryption';
import { OperatorOnly } from '@soma/tenancy';
import { ApiProblems } from '../http/api-responses.js';
import { ApiTenant } from './api-tenant.js';

/** Of what needs a data key for new writes. */
const ApiKeyProblems = () =>
  ApiProblems(
    'TENANT_NOT_FOUND',
    'ENCRYPTION_NOT_CONFIGURED',
    'ENCRYPTION_KEY_DESTROYED',
    'ENCRYPTION_KEY_UNAVAILABLE',
  );

@ApiTags('admin')
@ApiBearerAuth()
@OperatorOnly()
@Controller('admin')
export class EncryptionController {
  constructor(private readonly encryption: EncryptionService) {}

  @Get('tenants/:tenant/encryption')
  @ApiOperation({ summary: 'What of a tenant is encrypted, and with which keys' })
  @ApiOkResponse({ standardSchema: encryptionStatusSchema, description: 'The status.' })
  @ApiTenant()
  @ApiProblems('TENANT_NOT_FOUND')
  status(@Param('tenant') tenant: string): Promise<EncryptionStatus> {
    return this.encryption.status(tenant);
  }

  @Put('tenants/:tenant/encryption')
  @ApiOperation({ summary: 'Set what new writes of a tenant encrypt; stored rows follow by apply' })
  @ApiOkResponse({ standardSchema: encryptionStatusSchema, description: 'The status.' })
  @ApiTenant()
  @ApiKeyProblems()
  set(
    @Param('tenant') tenant: string,
    @Body({ schema: setEncryptionSchema }) body: SetEncryption,
  ): Promise<EncryptionStatus> {
    return this.encryption.set(tenant, body);
  }

  @Post('tenants/:tenant/encryption/apply')
  @HttpCode(200)
  @ApiOperation({ summary: 'Bring some stored rows of a tenant to what its encryption says' })
  @ApiOkResponse({ standardSchema: appliedEncryptionSchema, description: 'One step.' })
  @ApiTenant()
  @ApiProblems('TENANT_NOT_FOUND', 'CURSOR_INVALID', 'ENCRYPTION_KEY_UNAVAILABLE')
  apply(
    @Param('tenant') tenant: string,
    @Body({ schema: applyEncryptionSchema }) body: ApplyEncryption,
  ): Promise<AppliedEncryption> {
    return this.encryption.apply(tenant, body);
  }

  @Post('tenants/:tenant/encryption/rotate')
  @HttpCode(200)
  @ApiOperation({ summary: 'Give new writes of a tenant a new data key; old ones stay readable' })
  @ApiOkResponse({ standardSchema: encryptionStatusSchema, description: 'The status.' })
  @ApiTenant()
  @ApiKeyProblems()
  rotate(@Param('tenant') tenant: string): Promise<EncryptionStatus> {
    return this.encryption.rotate(tenant);
  }

  @Post('encryption/rewrap')
  @HttpCode(200)
  @ApiOperation({ summary: 'Wrap data keys with the current key-encryption key' })
  @ApiOkResponse({ standardSchema: rewrappedSchema, description: 'One step of up to 100 tenants.' })
  @ApiProblems('TENANT_NOT_FOUND', 'CURSOR_INVALID', 'ENCRYPTION_KEY_UNAVAILABLE')
  rewrap(@Body({ schema: rewrapSchema }) body: RewrapKeys): Promise<RewrappedKeys> {
    return this.encryption.rewrap(body);
  }
}
