import { QUIET_PATHS } from '@soma/observability';
import type { RequestSpan, Tracing } from '@soma/tracing';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { requestIdOf } from './request-id.js';
import { routePatternOf } from './request-metrics.js';

const NOT_FOLLOWED = new Set([...QUIET_PATHS, '/health']);

/** Follows requests, by their route's pattern: a path can hold coordinates and names. */
export function requestTraces(tracing: Tracing): RequestHandler {
  return (request: Request, response: Response, next: NextFunction): void => {
    if (!tracing.isOn || NOT_FOLLOWED.has(request.path)) {
      next();
      return;
    }
    const { method } = request;
    const traceparent = request.headers['traceparent'];
    const span = tracing.request(
      {
        name: method,
        kind: 'server',
        attributes: {
          'http.request.method': method,
          'url.scheme': 'http',
          'soma.request_id': requestIdOf(request),
        },
      },
      typeof traceparent === 'string' ? traceparent : undefined,
    );
    response.once('close', () => endOf(span, request, response));
    span.enter(next);
  };
}

function endOf(span: RequestSpan, request: Request, response: Response): void {
  const { statusCode: status, writableFinished } = response;
  const route = routePatternOf(request.route);
  const failure = status >= 500 ? String(status) : writableFinished ? undefined : 'caller_gone';
  const attributes = { 'http.route': route, 'http.response.status_code': status };
  span.end(`${request.method} ${route}`, attributes, failure);
}
