import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiResponse } from '@nestjs/swagger';
import { ERROR_TABLE, type ErrorCode } from '@soma/core';
import { z } from 'zod';
import { describeCodes } from './describe-problems.js';

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.enum(Object.keys(ERROR_TABLE) as [ErrorCode, ...ErrorCode[]]),
    detail: z.string(),
    request_id: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })),
  })
  .meta({
    id: 'Problem',
    examples: [
      {
        type: 'urn:soma:error:MEMORY_NOT_FOUND',
        title: 'No such memory',
        status: 404,
        code: 'MEMORY_NOT_FOUND',
        detail: 'There is no memory at "1,2,3" in namespace "default".',
        request_id: '5c1e0f6e-6f0c-4d0c-9c39-b3c9a4a1d0aa',
        errors: [],
      },
    ],
  });

/** The failures a route may answer with, besides those of every route with a token. */
export function ApiProblems(...codes: ErrorCode[]) {
  const every: ErrorCode[] = [
    'VALIDATION_FAILED',
    'TOKEN_MISSING',
    'TOKEN_INVALID',
    'SCOPE_MISSING',
    'TENANT_SUSPENDED',
    'RATE_LIMITED',
    'INTERNAL',
    'DEPENDENCY_UNAVAILABLE',
  ];
  const byStatus = Map.groupBy(new Set([...every, ...codes]), (code) => ERROR_TABLE[code].status);
  return applyDecorators(
    ...[...byStatus].map(([status, group]) =>
      ApiResponse({
        status,
        description: describeCodes(group),
        standardSchema: problemSchema,
      }),
    ),
  );
}

export const ApiIdempotencyKey = () =>
  ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'Requests with this key are one request for 24 hours.',
    schema: {
      type: 'string',
      minLength: 1,
      maxLength: 255,
      pattern: '^[!-~]+$',
      example: '7f3b1c2e-order-4711',
    },
  });

export const ApiIfMatch = () =>
  ApiHeader({
    name: 'If-Match',
    required: false,
    description: 'ETag of the version that is to be changed; another version answers 412.',
    schema: {
      type: 'string',
      pattern: String.raw`^(?:\*|"[0-9]{1,10}"(?:, ?"[0-9]{1,10}")*)$`,
      example: '"3"',
    },
  });
