import { Injectable } from '@nestjs/common';
import { Clock, SomaError } from '@soma/core';
import type { Principal, RequestRates } from './principal.js';
import type { CreatedToken, CreateToken, RotateToken, Token, TokenList } from './tenancy.schema.js';
import { TenancyService } from './tenancy.service.js';
import { generateToken } from './token-format.js';
import { TokenRepository } from './token-repository.js';
import { assertWithin, grantedRights, maySee } from './token-rights.js';
import { TokenVerifier } from './token-verifier.js';

/** The tokens of a tenant. None is given, nor given a new secret, beyond its maker's own rights. */
@Injectable()
export class TokenService {
  constructor(
    private readonly tenancy: TenancyService,
    private readonly tokens: TokenRepository,
    private readonly verifier: TokenVerifier,
    private readonly clock: Clock,
  ) {}

  /** @throws SomaError TOKEN_RIGHTS_EXCEEDED */
  async create(by: Principal, tenant: string, request: CreateToken): Promise<CreatedToken> {
    const scope = await this.tenancy.administered(by, tenant);
    const { name, namespaces, expires_at: expiresAt } = request;
    const rates = ratesOf(request);
    const rights = grantedRights(by, {
      scopes: [...new Set(request.scopes)],
      namespaces: namespaces && [...new Set(namespaces)],
      expiresAt: expiresAt === undefined ? undefined : new Date(expiresAt),
      rates,
      trust: request.trust,
      quarantine: request.quarantine,
    });
    const { id, text, hash: secretHash } = generateToken();
    return shownOnce(
      scope.tenantId,
      text,
      await this.tokens.create(scope, { id, name, secretHash, ...rights }),
    );
  }

  async list(by: Principal, tenant: string): Promise<TokenList> {
    const tokens = await this.tokens.list(await this.tenancy.administered(by, tenant));
    return { tokens: tokens.filter(({ namespaces }) => maySee(by, namespaces ?? undefined)) };
  }

  /** @throws SomaError TOKEN_NOT_FOUND; a revoked token is found. */
  find(by: Principal, tenant: string, id: string): Promise<Token> {
    return this.seen(by, tenant, id);
  }

  /**
   * A new secret for the same token; the old one is refused once the overlap is over.
   * @throws SomaError TOKEN_NOT_FOUND, also for a revoked one; TOKEN_RIGHTS_EXCEEDED for a token
   * that may more than the caller, whose secret would be a way to its rights.
   */
  async rotate(
    by: Principal,
    tenant: string,
    id: string,
    { overlap_seconds: overlap }: RotateToken,
  ): Promise<CreatedToken> {
    const scope = await this.tenancy.administered(by, tenant);
    const token = await this.seen(by, tenant, id);
    const { scopes, namespaces, expires_at: expiresAt } = token;
    assertWithin(by, {
      scopes,
      namespaces: namespaces ?? undefined,
      expiresAt: expiresAt === null ? undefined : new Date(expiresAt),
      rates: ratesOf(token),
      trust: token.trust,
      quarantine: token.quarantine,
    });
    const { text, hash: secretHash } = generateToken(id);
    const at = this.clock.now();
    const previousUntil = new Date(at.getTime() + overlap * 1000);
    const row = await this.tokens.rotate(scope, id, { secretHash, at, previousUntil });
    this.verifier.forget(id);
    if (!row) throw notFound();
    return shownOnce(scope.tenantId, text, row);
  }

  async revoke(by: Principal, tenant: string, id: string): Promise<void> {
    const scope = await this.tenancy.administered(by, tenant);
    await this.seen(by, tenant, id);
    await this.tokens.revoke(scope, id, this.clock.now());
    this.verifier.forget(id);
  }

  private async seen(by: Principal, tenant: string, id: string): Promise<Token> {
    const token = await this.tokens.find(await this.tenancy.administered(by, tenant), id);
    if (token && maySee(by, token.namespaces ?? undefined)) return token;
    throw notFound();
  }
}

const ratesOf = ({
  requests_per_second: perSecond,
  requests_per_day: perDay,
}: Partial<Pick<Token, 'requests_per_second' | 'requests_per_day'>>): RequestRates => ({
  perSecond: perSecond ?? null,
  perDay: perDay ?? null,
});

const notFound = (): SomaError =>
  new SomaError('TOKEN_NOT_FOUND', 'This tenant has no token of that id that could be changed.');

function shownOnce(tenantId: string, text: string, row: Token): CreatedToken {
  const { id, name, scopes, namespaces, trust, quarantine } = row;
  const { expires_at, previous_until, created_at } = row;
  return {
    id,
    token: text,
    tenant_id: tenantId,
    name,
    scopes,
    namespaces,
    trust,
    quarantine,
    expires_at,
    previous_until,
    created_at,
  };
}
