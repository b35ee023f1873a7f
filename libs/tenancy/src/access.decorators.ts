import { createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { SomaError, type TenantScope } from '@soma/core';
import type { Principal } from './principal.js';
import type { TokenScope } from './token-scope.js';

/** What a route asks of its caller; a route that does not say is refused to everybody. */
export type RouteAccess =
  | { readonly kind: 'public' }
  | { readonly kind: 'operator' }
  | { readonly kind: 'scope'; readonly scope: TokenScope };

export const ROUTE_ACCESS = 'soma:route-access';

export const QUARANTINED_WRITERS = 'soma:quarantined-writers';

/** Open also to tokens whose writes are kept in quarantine, which change nothing otherwise. */
export const OpenToQuarantined = () => SetMetadata<string, boolean>(QUARANTINED_WRITERS, true);

/** Open to everybody, without a token. */
export const Public = () => SetMetadata<string, RouteAccess>(ROUTE_ACCESS, { kind: 'public' });

/** Open to the operator's token alone. */
export const OperatorOnly = () =>
  SetMetadata<string, RouteAccess>(ROUTE_ACCESS, { kind: 'operator' });

/** Open to a tenant's token with this scope (and, for `admin`, to the operator). */
export const RequireScope = (scope: TokenScope) =>
  SetMetadata<string, RouteAccess>(ROUTE_ACCESS, { kind: 'scope', scope });

export interface AuthenticatedRequest {
  user?: Principal;
}

function principalOf(context: ExecutionContext): Principal {
  const { user } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (!user) throw new SomaError('TOKEN_MISSING', 'This route needs a bearer token.');
  return user;
}

/** The verified caller. */
export const Caller = createParamDecorator((_: undefined, context: ExecutionContext) =>
  principalOf(context),
);

/** The tenant of the verified token: the only source of a TenantScope in HTTP. */
export const CallerTenant = createParamDecorator(
  (_: undefined, context: ExecutionContext): TenantScope => {
    const principal = principalOf(context);
    if (principal.kind === 'tenant') return principal.tenant;
    throw new SomaError('SCOPE_MISSING', "The operator's token reads no tenant's data.");
  },
);
