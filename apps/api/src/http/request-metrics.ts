import type { Metrics } from '@soma/observability';
import type { NextFunction, Request, RequestHandler, Response } from 'express';

/** Measures each request under its route's pattern, so that no id becomes a label. */
export function requestMetrics({ requestSeconds }: Metrics): RequestHandler {
  return (request: Request, response: Response, next: NextFunction): void => {
    const stop = requestSeconds.startTimer();
    response.once('finish', () => {
      const route: unknown = request.route;
      stop({
        method: request.method,
        route: isRoute(route) ? String(route.path) : 'unmatched',
        status: String(response.statusCode),
      });
    });
    next();
  };
}

function isRoute(route: unknown): route is { path: unknown } {
  return typeof route === 'object' && route !== null && 'path' in route;
}
