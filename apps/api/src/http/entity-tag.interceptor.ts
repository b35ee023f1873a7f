import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { entityTag, type Memory } from '@soma/memory';
import type { Response } from 'express';
import { type Observable, tap } from 'rxjs';

/** Sends the ETag of the memory that a route answers with. */
@Injectable()
export class EntityTagInterceptor implements NestInterceptor<Memory, Memory> {
  intercept(context: ExecutionContext, next: CallHandler<Memory>): Observable<Memory> {
    const response = context.switchToHttp().getResponse<Response>();
    return next.handle().pipe(tap((memory) => response.setHeader('ETag', entityTag(memory))));
  }
}
