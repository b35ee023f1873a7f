import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  SetMetadata,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { AuthenticatedRequest } from '@soma/tenancy';
import type { Response } from 'express';
import { finalize, type Observable } from 'rxjs';
import { FairTurns } from './fair-turns.js';

const NO_PLACE = 'soma:no-place';

/** For a route that waits without working, which a place at work would be kept from others by. */
export const TakesNoPlace = () => SetMetadata(NO_PLACE, true);

/** No tenant's load makes another's requests wait longer than its fair share of the process. */
@Injectable()
export class FairShareInterceptor implements NestInterceptor {
  constructor(
    private readonly turns: FairTurns,
    private readonly reflector: Reflector,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const { user } = http.getRequest<AuthenticatedRequest>();
    const isExempt = this.reflector.get<boolean | undefined>(NO_PLACE, context.getHandler());
    if (user?.kind !== 'tenant' || isExempt === true) return next.handle();
    const gone = new AbortController();
    http.getResponse<Response>().once('close', () => gone.abort());
    const leave = await this.turns.begin(user.tenant, gone.signal);
    return next.handle().pipe(finalize(leave));
  }
}
