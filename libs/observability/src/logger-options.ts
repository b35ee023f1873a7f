import type { IncomingMessage } from 'node:http';
import type { Params } from 'nestjs-pino';

interface LoggedRequest {
  id?: unknown;
  method?: string;
  url?: string;
}

export interface LoggingOptions {
  readonly level: string;
  readonly requestId?: (request: IncomingMessage) => string;
  /** Ids that say where a line was written, for every line of the process. */
  readonly place?: () => object | undefined;
}

/**
 * JSON logs. A request is logged by id, method and path: never its query, headers or body, which
 * hold tokens and memories.
 */
export function loggerOptions({ level, requestId, place }: LoggingOptions): Params {
  return {
    pinoHttp: {
      level,
      genReqId: requestId,
      ...(place && { mixin: () => ({ ...place() }) }),
      redact: ['req.headers', 'res.headers'],
      hooks: {
        logMethod(parts, log) {
          if (!isStartUpChatter(parts[0])) log.apply(this, parts);
        },
      },
      quietReqLogger: true,
      customAttributeKeys: { reqId: 'request_id' },
      autoLogging: { ignore: (request) => QUIET_PATHS.has(pathOf(request.url)) },
      serializers: {
        req: (request: LoggedRequest) => ({ method: request.method, path: pathOf(request.url) }),
        res: (response: { statusCode?: number }) => ({ status: response.statusCode }),
      },
    },
  };
}

/** Nest names every route and module at each start. */
const CHATTER = new Set(['InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestFactory']);

function isStartUpChatter(first: unknown): boolean {
  return (
    typeof first === 'object' &&
    first !== null &&
    'context' in first &&
    CHATTER.has(String(first.context)) &&
    !('err' in first)
  );
}

/** What is asked again and again by those who watch. */
export const QUIET_PATHS: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

function pathOf(url: string | undefined): string {
  return (url ?? '').split('?', 1)[0] ?? '';
}
