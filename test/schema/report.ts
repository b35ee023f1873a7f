import { markdownTable } from '../bench/markdown-table.ts';
import type { Failure, OperationTally, Tally } from './tally.ts';

const HEAD = ['operation', 'cases', '2xx', '4xx', '5xx', 'excused', 'failures'];
const SHOWN_FAILURES = 40;
const SHOWN_CHARACTERS = 700;

/** A row for each operation, the sums, and each kind of failure once with its request. */
export function describeTally({ operations, failures, errors, shut }: Tally): string {
  const rows = [...operations].sort().map(([operation, tally]) => [operation, ...cells(tally)]);
  const sum = { cases: 0, accepted: 0, refused: 0, serverErrors: 0, excused: 0, failures: 0 };
  for (const tally of operations.values()) {
    for (const key of [
      'cases',
      'accepted',
      'refused',
      'serverErrors',
      'excused',
      'failures',
    ] as const)
      sum[key] += tally[key];
  }
  const kinds = Map.groupBy(failures, kindOf);
  return [
    markdownTable(HEAD, [...rows, ['all', ...cells(sum)]]),
    ...[...kinds.values()].slice(0, SHOWN_FAILURES).map(describeFailure),
    ...(kinds.size > SHOWN_FAILURES ? [`… and ${kinds.size - SHOWN_FAILURES} kinds more`] : []),
    ...errors.map((error) => `ERROR ${error}`),
    ...shut.map(
      (operation) => `ERROR ${operation} answered 403: which token, says schemathesis.toml`,
    ),
  ].join('\n');
}

function cells({
  cases,
  accepted,
  refused,
  serverErrors,
  excused,
  failures,
}: OperationTally): string[] {
  return [cases, accepted, refused, serverErrors, excused, failures].map(String);
}

function kindOf({ operation, check, status, body }: Failure): string {
  const code = typeof body === 'object' && body !== null && 'code' in body ? String(body.code) : '';
  return [operation, check, status, code].join(' ');
}

function describeFailure(alike: readonly Failure[]): string {
  const [first] = alike;
  if (!first) return '';
  const { operation, phase, check, message, status, body, request } = first;
  return [
    '',
    `${operation}: ${check} (${phase}, ${alike.length} times)`,
    `  ${shortened(message)}`,
    `  request  ${shortened(JSON.stringify({ ...request, headers: withoutToken(request?.headers) }))}`,
    `  answer   ${status ?? 'none'} ${shortened(JSON.stringify(body) ?? '')}`,
  ].join('\n');
}

function withoutToken(headers: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization'),
  );
}

function shortened(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
