import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  Injectable,
  Logger,
} from '@nestjs/common';
import { SomaError } from '@soma/core';
import { Metrics } from '@soma/observability';
import type { Request, Response } from 'express';
import { PROBLEM_TYPE, problemText } from './problem.js';
import { requestIdOf } from './request-id.js';

/** Answers every failure as application/problem+json (RFC 9457); detail of a 500 goes to the log only. */
@Catch()
@Injectable()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  constructor(private readonly metrics: Metrics) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const response = http.getResponse<Response>();
    const requestId = requestIdOf(http.getRequest<Request>());
    const problem = somaErrorOf(error);
    if (problem.status >= 500 && problem.code !== 'QUOTA_EXCEEDED') {
      this.logger.error({ err: error, code: problem.code, request_id: requestId }, problem.title);
    }
    if (response.headersSent) {
      response.end();
      return;
    }
    if (problem.retryAfterSeconds !== undefined) {
      response.setHeader('Retry-After', String(problem.retryAfterSeconds));
    }
    if (problem.status === 401) {
      const reason = problem.code === 'TOKEN_MISSING' ? 'missing' : 'invalid';
      this.metrics.authRefused.inc({ reason });
      response.setHeader('WWW-Authenticate', 'Bearer realm="soma"');
    }
    response.status(problem.status).type(PROBLEM_TYPE).send(problemText(problem, requestId));
  }
}

/** What middleware and Nest throw, as errors of our table. */
function somaErrorOf(error: unknown): SomaError {
  if (error instanceof SomaError) return error;
  const status = statusOf(error);
  if (status === 413) {
    return new SomaError('BODY_TOO_LARGE', 'A body may have at most 1 MiB (1,048,576 bytes).');
  }
  if (status === 404) return new SomaError('ROUTE_NOT_FOUND', 'See /api/docs for the routes.');
  if (status === 415) return new SomaError('MEDIA_TYPE_UNSUPPORTED', 'See /api/docs.');
  if (status >= 400 && status < 500) {
    return new SomaError('VALIDATION_FAILED', 'The request could not be read; see /api/docs.');
  }
  return new SomaError('INTERNAL', 'The failure was logged under this request_id.');
}

function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  if (error instanceof URIError) return 400;
  if (typeof error === 'object' && error !== null && 'status' in error) return Number(error.status);
  return 500;
}
