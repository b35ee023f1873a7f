import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  SetMetadata,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { type AuthenticatedRequest, UsageMeter } from '@soma/tenancy';
import type { Observable } from 'rxjs';

const SEARCHES_OF = 'soma:searches';

/** How many searches a body of this route asks for. */
export const CountsSearches = (searchesOf: (body: unknown) => number) =>
  SetMetadata(SEARCHES_OF, searchesOf);

/** Counts what each tenant asks for. */
@Injectable()
export class UsageInterceptor implements NestInterceptor {
  constructor(
    private readonly meter: UsageMeter,
    private readonly reflector: Reflector,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<AuthenticatedRequest & { body: unknown }>();
    const { user, body } = request;
    if (user?.kind === 'tenant') {
      this.meter.count(user.tenant, 'requests');
      const searchesOf = this.reflector.get<((body: unknown) => number) | undefined>(
        SEARCHES_OF,
        context.getHandler(),
      );
      const searches = searchesOf?.(body) ?? 0;
      if (searches > 0) this.meter.count(user.tenant, 'searches', searches);
    }
    return next.handle();
  }
}
