import type { SomaError } from '@soma/core';

export const PROBLEM_TYPE = 'application/problem+json';

/** A failure as the JSON text of a problem document (RFC 9457). */
export function problemText(error: SomaError, requestId: string): string {
  return JSON.stringify({
    type: `urn:soma:error:${error.code}`,
    title: error.title,
    status: error.status,
    code: error.code,
    detail: error.message,
    request_id: requestId,
    errors: error.errors,
  });
}
