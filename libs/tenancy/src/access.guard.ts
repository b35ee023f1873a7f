import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { SomaError } from '@soma/core';
import { QUARANTINED_WRITERS, ROUTE_ACCESS, type RouteAccess } from './access.decorators.js';
import type { Principal } from './principal.js';

interface BearerRequest {
  readonly headers: { readonly authorization?: string };
  readonly user?: Principal;
}

/** Refuses what a route does not allow, and every route that does not say what it allows. */
@Injectable()
export class AccessGuard extends AuthGuard('bearer') {
  constructor(private readonly reflector: Reflector) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = this.reflector.getAllAndOverride<RouteAccess | undefined>(ROUTE_ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (access?.kind === 'public') return true;
    const request = context.switchToHttp().getRequest<BearerRequest>();
    if (!/^Bearer \S/i.test(request.headers.authorization ?? '')) {
      throw new SomaError(
        'TOKEN_MISSING',
        'Send the header "Authorization: Bearer soma_<id>_<secret>".',
      );
    }
    await super.canActivate(context);
    const refusal = refusalOf(access, request.user);
    if (refusal !== undefined) throw new SomaError('SCOPE_MISSING', refusal);
    if (!this.mayQuarantined(access, context) && request.user?.kind === 'tenant') {
      request.user.tenant.assertReleasedWriter();
    }
    return true;
  }

  private mayQuarantined(access: RouteAccess | undefined, context: ExecutionContext): boolean {
    const reads = access?.kind === 'scope' && access.scope.endsWith(':read');
    return (
      reads ||
      this.reflector.get<boolean | undefined>(QUARANTINED_WRITERS, context.getHandler()) === true
    );
  }

  override handleRequest<User = Principal>(error: unknown, user: User | false | null): User {
    if (error instanceof Error) throw error;
    if (user) return user;
    throw new SomaError('TOKEN_INVALID', 'The token is unknown, expired or revoked.');
  }
}

function refusalOf(access: RouteAccess | undefined, by: Principal | undefined): string | undefined {
  if (!access || !by) return 'This route is open to nobody.';
  if (access.kind === 'operator') {
    return by.kind === 'operator' ? undefined : "This route needs the operator's token.";
  }
  if (access.kind === 'public') return undefined;
  if (by.kind === 'operator') {
    return access.scope === 'admin' ? undefined : "The operator's token reads no tenant's data.";
  }
  if (by.scopes.has(access.scope)) return undefined;
  return `This route needs the scope "${access.scope}"; the token has: ${[...by.scopes].join(', ')}.`;
}
