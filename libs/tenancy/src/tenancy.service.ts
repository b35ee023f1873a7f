import { Injectable } from '@nestjs/common';
import {
  Clock,
  decodeCursor,
  encodeCursor,
  isCanonicalTime,
  isUuid,
  SomaError,
  tenantId,
  TenantScope,
} from '@soma/core';
import { v7 as uuidv7 } from 'uuid';
import { type Principal, writerOf } from './principal.js';
import type { CreateTenant, Tenant, TenantPage, TenantQuery } from './tenancy.schema.js';
import { TenantRepository } from './tenant-repository.js';
import { TokenVerifier } from './token-verifier.js';

@Injectable()
export class TenancyService {
  constructor(
    private readonly tenants: TenantRepository,
    private readonly verifier: TokenVerifier,
    private readonly clock: Clock,
  ) {}

  now(): Date {
    return this.clock.now();
  }

  createTenant(request: CreateTenant): Promise<Tenant> {
    return this.tenants.create(tenantId(uuidv7()), request.name);
  }

  async listTenants({ limit, cursor }: TenantQuery): Promise<TenantPage> {
    const question = 'tenants';
    const after = cursor === undefined ? undefined : decodeCursor(cursor, question, isTime);
    const tenants = await this.tenants.list(limit + 1, after);
    const last = tenants.length > limit ? tenants[limit - 1] : undefined;
    return {
      tenants: tenants.slice(0, limit),
      next_cursor: last ? encodeCursor({ value: last.created_at, id: last.id }, question) : null,
    };
  }

  /** @throws SomaError TENANT_NOT_FOUND */
  async getTenant(by: Principal, tenant: string): Promise<Tenant> {
    return found(await this.tenants.find((await this.administered(by, tenant)).tenantId));
  }

  /** From now on its tokens are refused, within seconds everywhere; nothing of it is touched. */
  suspendTenant(by: Principal, tenant: string): Promise<Tenant> {
    return this.setSuspended(by, tenant, this.clock.now());
  }

  resumeTenant(by: Principal, tenant: string): Promise<Tenant> {
    return this.setSuspended(by, tenant, undefined);
  }

  /**
   * The operator administers every tenant, a token with `admin` its own; others do not exist.
   * @throws SomaError TENANT_NOT_FOUND
   */
  async administered(by: Principal, tenant: string): Promise<TenantScope> {
    const id = tenantId(tenant.toLowerCase());
    const mayKnow = by.kind === 'operator' || by.tenant.tenantId === id;
    const known = mayKnow && isUuid(id) ? await this.tenants.find(id) : undefined;
    return TenantScope.of(tenantId(found(known).id), undefined, writerOf(by));
  }

  /**
   * `administered`, for what is about all namespaces.
   * @throws SomaError NAMESPACE_FORBIDDEN for a token kept to some.
   */
  async administeredWhole(by: Principal, tenant: string): Promise<TenantScope> {
    const scope = await this.administered(by, tenant);
    if (by.kind === 'tenant') by.tenant.assertWholeTenant();
    return scope;
  }

  private async setSuspended(by: Principal, tenant: string, at: Date | undefined): Promise<Tenant> {
    const { tenantId: id } = await this.administered(by, tenant);
    const changed = found(await this.tenants.suspend(id, at));
    this.verifier.forgetTenant(id);
    return changed;
  }
}

function found(tenant: Tenant | undefined): Tenant {
  if (tenant) return tenant;
  throw new SomaError('TENANT_NOT_FOUND', 'There is no tenant of that id.');
}

const isTime = (value: string | number): boolean => isCanonicalTime(String(value));
