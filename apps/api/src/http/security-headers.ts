import type { NextFunction, Request, Response } from 'express';

const DOCUMENTATION = '/api/docs';

/**
 * The styles that Swagger's page writes into itself need 'unsafe-inline'; its scripts come from
 * files, and no other script runs.
 */
const DOCUMENTATION_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const API_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** Tells browsers to keep no answer, to frame no page and to run nothing but what is meant to run. */
export function securityHeaders(request: Request, response: Response, next: NextFunction): void {
  const isPage = request.path.toLowerCase().startsWith(DOCUMENTATION);
  response.setHeader('Content-Security-Policy', isPage ? DOCUMENTATION_POLICY : API_POLICY);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('X-Frame-Options', 'DENY');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  if (!isPage) response.setHeader('Cache-Control', 'no-store');
  next();
}
