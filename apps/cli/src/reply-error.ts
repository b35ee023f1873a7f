import { CliError, type FieldError } from './cli-error.js';
import type { Connection } from './connection.js';
import { EXIT, exitCodeOfStatus, type ExitCode } from './exit-codes.js';

interface Problem {
  readonly code?: unknown;
  readonly title?: unknown;
  readonly detail?: unknown;
  readonly request_id?: unknown;
  readonly errors?: unknown;
}

const AWAY = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);
const UNREACHABLE = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
const SLOW = new Set(['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT']);

/** An answer that is not a success, in the words of its problem document. */
export function errorOfReply(response: Response, text: string, connection: Connection): CliError {
  const { status, headers } = response;
  const retryAfter = secondsOf(headers.get('retry-after'));
  if (status >= 300 && status < 400) return redirected(headers.get('location'), connection);
  const problem = problemIn(text);
  if (!problem) {
    return new CliError({
      exitCode: exitCodeOfStatus(status),
      code: `HTTP_${status}`,
      detail: `${connection.url.origin} answered ${status} without saying why.`,
      hint: hintFor(status, undefined, connection, retryAfter),
      status,
      retryAfter,
    });
  }
  const code = textOr(problem.code, `HTTP_${status}`);
  return new CliError({
    exitCode: exitCodeOfStatus(status),
    code,
    detail: textOr(problem.detail, textOr(problem.title, `The service answered ${status}.`)),
    hint: hintFor(status, code, connection, retryAfter),
    status,
    requestId: typeof problem.request_id === 'string' ? problem.request_id : undefined,
    errors: fieldErrorsIn(problem.errors),
    retryAfter,
  });
}

/** A request that got no answer at all. */
export function errorOfFetch(error: unknown, url: URL, timeoutMs: number): CliError {
  const { name, message, code } = causeOf(error);
  const failed = (exitCode: ExitCode, ownCode: string, detail: string, hint: string): CliError =>
    new CliError({ exitCode, code: ownCode, detail, hint });

  if (name === 'TimeoutError' || SLOW.has(code)) {
    return failed(
      EXIT.UNAVAILABLE,
      'TIMEOUT',
      `${url.origin} did not answer within ${timeoutMs / 1000} s; the request may still have been carried out.`,
      'Wait longer with --timeout <seconds>, or look at: soma health',
    );
  }
  if (AWAY.has(code)) {
    return failed(
      EXIT.UNAVAILABLE,
      'CONNECTION_FAILED',
      `No connection to ${url.origin} (${code}).`,
      'Is the service running? Start it with: npm start. Another address: --url or SOMA_URL.',
    );
  }
  if (UNREACHABLE.has(code)) {
    return failed(
      EXIT.UNAVAILABLE,
      'HOST_UNREACHABLE',
      `The host ${url.hostname} cannot be reached (${code}).`,
      'Check --url or SOMA_URL, and the network.',
    );
  }
  return failed(
    EXIT.UNEXPECTED,
    'REQUEST_FAILED',
    `The request to ${url.origin} failed: ${message}${code && ` (${code})`}.`,
    'Check --url or SOMA_URL; with https, the certificate too.',
  );
}

function hintFor(
  status: number,
  code: string | undefined,
  { url, tokenSource }: Connection,
  retryAfter: number | undefined,
): string | undefined {
  switch (status) {
    case 401:
      return `The token came from ${tokenSource}. Give another with --token or SOMA_TOKEN, or: soma login`;
    case 403:
      return `The token came from ${tokenSource}. Make one with the scope: soma tokens create --scopes <scopes>`;
    case 404:
      return code && code !== 'ROUTE_NOT_FOUND'
        ? undefined
        : `Is ${url.href} the address of a SomaFractalMemory service of this version? Check --url or SOMA_URL.`;
    case 412:
      return 'Read it again with `soma get`, then use the new version in --if-match.';
    case 429:
      return `Try again in ${retryAfter ?? 1} s.`;
    case 502:
    case 503:
    case 504:
      return retryAfter === undefined
        ? 'Try again soon; `soma health` shows which part is away.'
        : `Try again in ${retryAfter} s; \`soma health\` shows which part is away.`;
    default:
      return status >= 500 ? 'The service logged the cause under the request id.' : undefined;
  }
}

function redirected(location: string | null, { url }: Connection): CliError {
  return new CliError({
    exitCode: EXIT.UNEXPECTED,
    code: 'REDIRECTED',
    detail: `${url.origin} sends requests on to ${location ?? 'another address'}, and a token is not sent along.`,
    hint: 'Give the final address with --url or SOMA_URL.',
  });
}

function problemIn(text: string): Problem | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function fieldErrorsIn(errors: unknown): readonly FieldError[] | undefined {
  const found = Array.isArray(errors) ? errors.filter(isFieldError) : [];
  return found.length > 0 ? found : undefined;
}

function isFieldError(value: unknown): value is FieldError {
  if (typeof value !== 'object' || value === null) return false;
  const { path, message } = value as Partial<Record<keyof FieldError, unknown>>;
  return typeof path === 'string' && typeof message === 'string';
}

const textOr = (value: unknown, fallback: string): string =>
  typeof value === 'string' && value !== '' ? value : fallback;

function secondsOf(header: string | null): number | undefined {
  const seconds = Number(header ?? '');
  return header !== null && Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
}

/** `fetch` hides the reason one or two causes down. */
function causeOf(error: unknown): { name: string; message: string; code: string } {
  let deepest: unknown = error;
  for (let step = 0; step < 5 && isObject(deepest) && isObject(deepest.cause); step += 1) {
    deepest = deepest.cause;
  }
  if (!isObject(deepest)) return { name: '', message: String(deepest), code: '' };
  const { name, message, code } = deepest;
  return { name: textOr(name, ''), message: textOr(message, 'no reason'), code: textOr(code, '') };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
