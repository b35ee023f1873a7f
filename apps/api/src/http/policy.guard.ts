import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuditRecorder, SERVICE } from '@soma/audit';
import { SomaError } from '@soma/core';
import { PolicyDecision } from '@soma/policy';
import { type AuthenticatedRequest, ROUTE_ACCESS, type RouteAccess } from '@soma/tenancy';
import type { Request } from 'express';
import { policyInput } from './policy-input.js';

/**
 * Asks the operator's policy about what the token's scopes allow. Comes after the rate limit, which
 * so protects a policy server too. What cannot be decided is refused.
 */
@Injectable()
export class PolicyGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly policy: PolicyDecision,
    private readonly recorder: AuditRecorder,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (!this.policy.isConfigured) return true;
    const request = context.switchToHttp().getRequest<Request & AuthenticatedRequest>();
    const access = this.reflector.getAllAndOverride<RouteAccess | undefined>(ROUTE_ACCESS, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (!access || access.kind === 'public' || !request.user) return access?.kind === 'public';
    const input = policyInput(request, access, request.user);
    if (await this.policy.isAllowed(input)) return true;
    const { method, route } = input.action;
    await this.recorder.note(request.user.kind === 'tenant' ? request.user.tenant : SERVICE, {
      action: 'policy.deny',
      targetKind: 'route',
      target: `${method} ${route}`,
      outcome: 'refused',
      details: {},
    });
    throw new SomaError(
      'POLICY_DENIED',
      `The policy of this service does not allow ${method} ${route} ` +
        'with this token on what the request names.',
    );
  }
}
