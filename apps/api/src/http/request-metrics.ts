import type { Metrics } from '@soma/observability';
import type { NextFunction, Request, RequestHandler, Response } from 'express';

/** Measures each request under its route's pattern, so that no id becomes a label. */
export function requestMetrics({ requestSeconds }: Metrics): RequestHandler {
  return (request: Request, response: Response, next: NextFunction): void => {
    const stop = requestSeconds.startTimer();
    response.once('finish', () => {
      stop({
        method: request.method,
        route: routePatternOf(request.route),
        status: String(response.statusCode),
      });
    });
    next();
  };
}

/** A pattern that takes any path is the logger's, and the last one that matched. */
export function routePatternOf(route: unknown): string {
  const isRoute = typeof route === 'object' && route !== null && 'path' in route;
  const pattern = isRoute ? String(route.path) : '*';
  return pattern.includes('*') ? 'unmatched' : pattern;
}
