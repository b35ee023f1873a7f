import { createHash } from 'node:crypto';
import { isUuid } from './ids.js';
import { SomaError } from './soma-error.js';
import { isStorableText } from './storable-text.js';

/** Where a keyset page ended: the sort value of its last row, and that row's id. */
export interface PageEnd {
  readonly value: string | number;
  readonly id: string;
}

/** What every cursor is made of, as a pattern of OpenAPI. */
export const CURSOR_PATTERN = '^[A-Za-z0-9_-]+$';

const FINGERPRINT_LENGTH = 16;

/** Ties a cursor to who asked and what: the same cursor with other parameters is refused. */
function fingerprint(question: unknown): string {
  const digest = createHash('sha256').update(JSON.stringify(question)).digest('base64url');
  return digest.slice(0, FINGERPRINT_LENGTH);
}

export function encodeCursor(end: PageEnd, question: unknown): string {
  const text = JSON.stringify([fingerprint(question), end.value, end.id]);
  return Buffer.from(text, 'utf8').toString('base64url');
}

/**
 * @param isSortValue whether a value is one the question sorts by; a cursor can be tampered with.
 * @throws SomaError CURSOR_INVALID unless the cursor was given out for this very question.
 */
export function decodeCursor(
  cursor: string,
  question: unknown,
  isSortValue: (value: string | number) => boolean,
): PageEnd {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(parts) && parts.length === 3 && parts[0] === fingerprint(question)) {
      const [, value, id] = parts as unknown[];
      const storable =
        typeof value === 'number' || (typeof value === 'string' && isStorableText(value));
      const isId = typeof id === 'string' && isUuid(id);
      if (storable && isId && isSortValue(value)) return { value, id };
    }
  } catch {
    // Not a cursor of ours: answered like one of another request.
  }
  throw new SomaError(
    'CURSOR_INVALID',
    'This cursor was not given out for this request. Start again without a cursor.',
  );
}
