import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  SetMetadata,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuditRecorder, SERVICE } from '@soma/audit';
import type { AuthenticatedRequest } from '@soma/tenancy';
import { mergeMap, type Observable } from 'rxjs';

export const AUDITED = 'soma:audited';

interface Shown {
  readonly memoryIds: readonly string[];
  /** Counts, beside that of the memories. */
  readonly details?: Readonly<Record<string, number>>;
}

interface Audited {
  readonly action: string;
  /** Of a route that shows memories: those in its answer. */
  readonly shown?: (answer: unknown) => Shown;
}

/** For a route that shows contents of memories: which ones its answer shows. */
export const AuditsRecall = <Answer>(action: string, memoriesIn: (answer: Answer) => Shown) =>
  SetMetadata<string, Audited>(AUDITED, {
    action,
    shown: (answer) => memoriesIn(answer as Answer),
  });

/** For a command of the operator to the service as a whole that leaves no event by itself. */
export const AuditsCommand = (action: string) => SetMetadata<string, Audited>(AUDITED, { action });

/** Each once, in the order in which they are shown. */
export const idsOf = (memories: readonly { readonly id: string }[]): Shown => ({
  memoryIds: [...new Set(memories.map(({ id }) => id))],
});

/** Notes what a route showed, or did to the service, once its answer is known. */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  constructor(
    private readonly recorder: AuditRecorder,
    private readonly reflector: Reflector,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const audited = this.reflector.get<Audited | undefined>(AUDITED, context.getHandler());
    if (!audited) return next.handle();
    const { user } = context.switchToHttp().getRequest<AuthenticatedRequest>();
    return next.handle().pipe(
      mergeMap(async (answer: unknown) => {
        await this.note(audited, user, answer);
        return answer;
      }),
    );
  }

  private async note(
    { action, shown }: Audited,
    user: AuthenticatedRequest['user'],
    answer: unknown,
  ): Promise<void> {
    const outcome = 'done';
    if (!shown) {
      const entry = { action, targetKind: 'service', target: '', outcome, details: {} } as const;
      return this.recorder.note(SERVICE, entry);
    }
    if (user?.kind !== 'tenant') return;
    const { memoryIds, details } = shown(answer);
    await this.recorder.recall(user.tenant, {
      action,
      targetKind: 'memories',
      target: '',
      outcome,
      details: { memories: memoryIds.length, ...details },
      memoryIds,
    });
  }
}
