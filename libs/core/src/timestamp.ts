const FIRST = Date.parse('0001-01-01T00:00:00.000Z');
const LAST = Date.parse('9999-12-31T23:59:59.999Z');

/** Whether an ISO 8601 text is of the years 1 to 9999 UTC, which every store of ours can hold. */
export function isStorableTime(text: string): boolean {
  const milliseconds = Date.parse(text);
  return milliseconds >= FIRST && milliseconds <= LAST;
}

/** Whether a text is such a time exactly as `Date.toISOString` writes it. */
export function isCanonicalTime(text: string): boolean {
  return isStorableTime(text) && new Date(text).toISOString() === text;
}
