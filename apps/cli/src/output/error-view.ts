import type { CliErrorParts } from '../cli-error.js';
import { printable } from './printable.js';
import type { Style } from './style.js';

/** The error in words: code and detail, then fields, then what to do. */
export function renderError(error: CliErrorParts, style: Style): string {
  const fields = (error.errors ?? [])
    .filter(({ path, message }) => !isSaid(error.detail, path, message))
    .map(({ path, message }) => `  ${printable(path) || '(body)'}: ${printable(message)}`);
  const lines = [
    `${style.red('error:')} ${printable(error.code)}: ${printable(error.detail)}`,
    ...fields,
    ...(error.hint ? [`  ${error.hint}`] : []),
    ...(error.requestId ? [`  request id: ${printable(error.requestId)}`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** The detail of a single fault often is that fault, with its place. */
const isSaid = (detail: string, path: string, message: string): boolean =>
  detail.includes(path) && detail.includes(message);

/** The error for a program: one line of JSON. */
export function renderErrorJson(error: CliErrorParts): string {
  const { code, detail, hint, status, requestId, errors, retryAfter, exitCode } = error;
  return `${JSON.stringify({
    code,
    detail,
    errors,
    hint,
    status,
    request_id: requestId,
    retry_after: retryAfter,
    exit_code: exitCode,
  })}\n`;
}
