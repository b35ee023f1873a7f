/**
 * Milliseconds that a `Retry-After` header (RFC 9110, 10.2.3: seconds, or an HTTP date) asks to
 * wait from `now`; undefined when it is absent, unreadable or negative.
 */
export function retryAfterMs(header: string | null, now: Date): number | undefined {
  const text = header?.trim();
  if (!text) return undefined;
  if (/^\d{1,9}(?:\.\d{1,6})?$/.test(text)) return Number(text) * 1_000;
  if (!/^[A-Za-z]/.test(text)) return undefined;
  const wait = Date.parse(text) - now.getTime();
  return wait >= 0 ? wait : undefined;
}
