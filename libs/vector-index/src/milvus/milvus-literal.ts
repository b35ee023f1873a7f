import { isStorableText, SomaError } from '@soma/core';
import type { FilterScalar } from '@soma/filter';

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
};

/**
 * A text as a string of Milvus' expression language. Only the quote, the backslash and line breaks
 * mean anything inside one, and these four escapes are all that every server knows.
 */
export function textLiteral(text: string): string {
  if (!isStorableText(text)) {
    throw new SomaError(
      'FILTER_INVALID',
      'A string in a filter has no NUL and no half of a surrogate pair.',
    );
  }
  return `"${text.replace(/["\\\n\r]/g, (character) => ESCAPES[character] ?? '')}"`;
}

/** Whole numbers up to 2^53 as such, all others as floats: an integer beyond 64 bits is refused. */
export function numberLiteral(value: number): string {
  if (Number.isSafeInteger(value)) return value.toFixed(0);
  if (!Number.isFinite(value)) throw new RangeError(`${value} cannot stand in an expression.`);
  const text = String(value);
  return /[.e]/.test(text) ? text : value.toExponential();
}

export function literal(value: Exclude<FilterScalar, null>): string {
  if (typeof value === 'string') return textLiteral(value);
  return typeof value === 'number' ? numberLiteral(value) : String(value);
}

export const list = (values: readonly Exclude<FilterScalar, null>[]): string =>
  `[${values.map(literal).join(', ')}]`;
