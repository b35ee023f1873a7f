import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { SomaError } from '@soma/core';
import { Metrics } from '@soma/observability';
import type { AuthenticatedRequest } from '@soma/tenancy';
import type { Response } from 'express';
import type { RateCount } from './own-counts.js';
import { type Rate, RateDefaults, ratesOf } from './rates.js';
import { RequestCounter } from './rate-limiter.js';

interface Standing {
  readonly rate: Rate;
  readonly count: RateCount;
}

/** Counts requests against every limit of the caller, and tells it where it stands. */
@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(
    private readonly counter: RequestCounter,
    private readonly defaults: RateDefaults,
    private readonly metrics: Metrics,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const { user } = http.getRequest<AuthenticatedRequest>();
    if (!user) return true;
    const rates = ratesOf(user, this.defaults);
    const standings: Standing[] = [];
    // One after the other: what a token's own limit refuses is not counted against its tenant.
    for (const rate of rates) {
      const standing = { rate, count: await this.counter.count(rate.window, rate.key) };
      standings.push(standing);
      if (standing.count.consumed > rate.limit) break;
    }
    const [tightest] = standings.toSorted((left, right) => remaining(left) - remaining(right));
    if (!tightest) return true;
    describe(http.getResponse<Response>(), tightest, rates);
    if (tightest.count.consumed <= tightest.rate.limit) return true;
    const { limit, of, window } = tightest.rate;
    this.metrics.rateLimited.inc({ of, window });
    throw new SomaError(
      'RATE_LIMITED',
      `This ${of} may make ${limit} requests a ${window}; wait until the time in Retry-After.`,
      { retryAfterSeconds: seconds(tightest) },
    );
  }
}

const remaining = ({ rate, count }: Standing): number => rate.limit - count.consumed;

/** The headers of the limit that is nearest, and the policy of all. */
function describe(response: Response, tightest: Standing, rates: readonly Rate[]): void {
  response.setHeader('RateLimit-Limit', String(tightest.rate.limit));
  response.setHeader('RateLimit-Remaining', String(Math.max(0, remaining(tightest))));
  response.setHeader('RateLimit-Reset', String(seconds(tightest)));
  response.setHeader('RateLimit-Policy', rates.map(({ policy }) => policy).join(', '));
}

function seconds({ count }: Standing): number {
  return Math.max(1, Math.ceil(count.msBeforeNext / 1000));
}
