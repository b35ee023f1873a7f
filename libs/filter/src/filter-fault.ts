import { SomaError } from '@soma/core';

/** A JSON pointer: the way from the request's body to a part of it. */
export type Pointer = readonly (string | number)[];

const MAX_SHOWN = 60;

/** The one way a filter is refused: what is wrong, where, and what would be right. */
export function filterFault(pointer: Pointer, message: string): SomaError {
  const path = pointer.map((part) => `/${escapePointer(String(part))}`).join('');
  return new SomaError('FILTER_INVALID', `${message} (at ${path || 'the filter'})`, {
    errors: [{ path, message }],
  });
}

/** A value as a message may carry it: short, and on one line. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(cut(value));
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return cut(String(value));
}

const cut = (text: string): string =>
  text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN).replace(/\p{Surrogate}/gu, '')}…` : text;

const escapePointer = (part: string): string =>
  cut(part).replaceAll('~', '~0').replaceAll('/', '~1');
