import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { SomaError } from '@soma/core';
import type { AuthenticatedRequest } from '@soma/tenancy';
import type { Response } from 'express';
import { type RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible';

/** DI token of the limiter; null when limits are off. */
export const RATE_LIMITER = 'RATE_LIMITER';

/** Counts each token's requests of the current second, and tells the client where it stands. */
@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(@Inject(RATE_LIMITER) private readonly limiter: RateLimiterAbstract | null) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const { user } = http.getRequest<AuthenticatedRequest>();
    if (!user || !this.limiter) return true;
    const owner = user.kind === 'tenant' ? user.tenant.tenantId : user.kind;
    const response = http.getResponse<Response>();
    try {
      const left = await this.limiter.consume(`${owner}:${user.tokenId}`);
      describe(response, this.limiter.points, left);
      return true;
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      describe(response, this.limiter.points, refusal);
      throw new SomaError(
        'RATE_LIMITED',
        `This token may make ${this.limiter.points} requests a second; wait a moment.`,
        { retryAfterSeconds: seconds(refusal) },
      );
    }
  }
}

function describe(response: Response, limit: number, state: RateLimiterRes): void {
  response.setHeader('RateLimit-Limit', String(limit));
  response.setHeader('RateLimit-Remaining', String(Math.max(0, state.remainingPoints)));
  response.setHeader('RateLimit-Reset', String(seconds(state)));
}

function seconds(state: RateLimiterRes): number {
  return Math.max(1, Math.ceil(state.msBeforeNext / 1000));
}
