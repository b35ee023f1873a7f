import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { IdempotencyClaim, TenantScope } from '@soma/core';
import {
  type AcquireLock,
  acquireLockSchema,
  type Lease,
  leaseSchema,
  lockNameSchema,
  LockService,
  type LockState,
  lockStateSchema,
  type ReleaseLock,
  releaseLockSchema,
  type RenewLock,
  renewLockSchema,
} from '@soma/locks';
import { CallerTenant, RequireScope } from '@soma/tenancy';
import { ApiIdempotencyKey, ApiProblems } from '../http/api-responses.js';
import { CallerGone } from '../http/caller-gone.js';
import { TakesNoPlace } from '../http/fair-share.interceptor.js';
import { Idempotency } from '../http/idempotency.js';
import { LockToken, oneToken } from './lock-token.js';

const ApiLockName = () =>
  ApiParam({ name: 'name', description: 'Name of the lock.', example: 'nightly-digest' });

@ApiTags('locks')
@ApiBearerAuth()
@Controller('locks')
export class LocksController {
  constructor(private readonly locks: LockService) {}

  @Post()
  @TakesNoPlace()
  @RequireScope('memories:write')
  @ApiOperation({ summary: 'Acquire a lock for a time, at once or within a wait' })
  @ApiIdempotencyKey()
  @ApiCreatedResponse({ standardSchema: leaseSchema, description: 'The lease, with its secret.' })
  @ApiProblems('NAMESPACE_FORBIDDEN', 'LOCK_HELD', 'IDEMPOTENCY_KEY_REUSED')
  acquire(
    @CallerTenant() scope: TenantScope,
    @Body({ schema: acquireLockSchema }) body: AcquireLock,
    @Idempotency() claim: IdempotencyClaim | undefined,
    @CallerGone() gone: AbortSignal,
  ): Promise<Lease> {
    return this.locks.acquire(scope, body, claim, gone);
  }

  @Post(':name/renew')
  @HttpCode(200)
  @RequireScope('memories:write')
  @ApiOperation({ summary: 'Let a lease that holds the lock run for a time from now' })
  @ApiLockName()
  @ApiIdempotencyKey()
  @ApiOkResponse({ standardSchema: lockStateSchema, description: 'The lock, with its new end.' })
  @ApiProblems('LOCK_NOT_HELD', 'IDEMPOTENCY_KEY_REUSED')
  renew(
    @CallerTenant() scope: TenantScope,
    @Param('name', { schema: lockNameSchema }) name: string,
    @Body({ schema: renewLockSchema }) body: RenewLock,
    @Idempotency() claim: IdempotencyClaim | undefined,
  ): Promise<LockState> {
    return this.locks.renew(scope, name, body, claim);
  }

  @Delete(':name')
  @RequireScope('memories:write')
  @ApiOperation({ summary: 'Release a lock that this lease holds' })
  @ApiLockName()
  @ApiIdempotencyKey()
  @ApiHeader({
    name: 'X-Lock-Token',
    required: false,
    description: 'The secret of the lease, where a body is not to be sent.',
    schema: { type: 'string', minLength: 1, maxLength: 200, pattern: '^[!-~]+$' },
  })
  @ApiBody({ required: false, schema: { $ref: '#/components/schemas/ReleaseLock' } })
  @ApiOkResponse({ standardSchema: lockStateSchema, description: 'The lock, free.' })
  @ApiProblems('LOCK_NOT_HELD', 'IDEMPOTENCY_KEY_REUSED')
  release(
    @CallerTenant() scope: TenantScope,
    @Param('name', { schema: lockNameSchema }) name: string,
    @Body({ schema: releaseLockSchema.optional() }) body: ReleaseLock | undefined,
    @LockToken() header: string | undefined,
    @Idempotency() claim: IdempotencyClaim | undefined,
  ): Promise<LockState> {
    return this.locks.release(scope, name, oneToken(body?.token, header), claim);
  }

  @Get(':name')
  @RequireScope('memories:read')
  @ApiOperation({ summary: 'See whether a lock is held, by whom and until when' })
  @ApiLockName()
  @ApiOkResponse({ standardSchema: lockStateSchema, description: 'The lock.' })
  @ApiProblems('LOCK_NOT_FOUND')
  read(
    @CallerTenant() scope: TenantScope,
    @Param('name', { schema: lockNameSchema }) name: string,
  ): Promise<LockState> {
    return this.locks.read(scope, name);
  }
}
