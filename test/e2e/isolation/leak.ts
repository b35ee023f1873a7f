import type { Answer } from '../http.js';
import { everyName, type Names, type Party } from './party.js';

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
/** Not the digits of a fraction. */
const TOKEN_ID = /(?<![0-9a-f.])[0-9a-f]{16}(?![0-9a-f])/g;
const CANARY = /canary-[a-z]+-[0-9a-f]{8}/g;

/** Parts of a problem that may repeat what the caller sent. */
const ECHOING = new Set(['detail', 'message']);

/**
 * What an answer shows of somebody else, in its body or its headers. `sent` are the names the
 * caller used itself: an error may repeat those, a success may not.
 */
export function leaksIn(
  answer: Answer,
  reader: Party | undefined,
  others: readonly Party[],
  sent?: Names,
): string[] {
  const text = textOf(answer, sent);
  const ids = idsIn(text);
  const leaks = [...text.matchAll(CANARY)]
    .map(([canary]) => canary)
    .filter((canary) => canary !== reader?.canary);
  for (const other of others) {
    leaks.push(...ids.filter((id) => other.seen.has(id)));
    leaks.push(
      ...[
        `${other.base},`,
        other.namespace,
        other.tag,
        other.idempotencyKey,
        other.lockToken,
        other.receiptId,
      ].filter((mark) => text.includes(mark)),
    );
  }
  if (reader) for (const id of ids) reader.seen.add(id);
  return [...new Set(leaks)];
}

/** Ids that both parties were shown, whoever was first. */
export function sharedIds(left: Party, right: Party): string[] {
  return [...left.seen].filter((id) => right.seen.has(id));
}

/** The answer with names and everything that differs from one request to the next taken out. */
export function comparable({ status, headers, body }: Answer, sent: Names): unknown {
  return {
    status,
    headers: [...headers.keys()].sort(),
    body: mapTexts(body, (text, key) => {
      if (key === 'request_id') return '';
      return everyName(sent).reduce((rest, [kind, name]) => without(rest, name, `<${kind}>`), text);
    }),
  };
}

function idsIn(text: string): string[] {
  const lower = text.toLowerCase();
  return [...lower.matchAll(UUID), ...lower.matchAll(TOKEN_ID)].map(([id]) => id);
}

function textOf({ headers, body }: Answer, sent: Names | undefined): string {
  const names = sent ? everyName(sent) : [];
  const shown = mapTexts(body, (text, key) =>
    ECHOING.has(key) ? names.reduce((rest, [, name]) => without(rest, name, ''), text) : text,
  );
  return JSON.stringify([[...headers], shown]);
}

function without(text: string, name: string, replacement: string): string {
  return text.replaceAll(name, replacement).replaceAll(name.toLowerCase(), replacement);
}

const VOLATILE = new Set([
  'took_ms',
  'stages_ms',
  'access_count',
  'last_accessed_at',
  'latency_ms',
  'uptime_s',
]);

function mapTexts(value: unknown, map: (text: string, key: string) => string, key = ''): unknown {
  if (typeof value === 'string') return map(value, key);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, map, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !VOLATILE.has(name))
      .map(([name, item]) => [name, mapTexts(item, map, name)]),
  );
}
