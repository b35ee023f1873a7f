import { isExactNumber } from './exact-number.js';
import { SomaError } from './soma-error.js';
import { isStorableText } from './storable-text.js';

export const MAX_JSON_DEPTH = 32;

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** `undefined` stands for a list, a set of keys for an object. */
type Level = Set<string> | undefined;

/**
 * Refuses JSON text that parsing would overflow on or change in silence: nesting deeper than 32,
 * a key given twice, `__proto__`, a number that a double does not hold, a NUL or half a surrogate
 * pair in a key or value. Says nothing of whether the text is well-formed; `JSON.parse` does.
 * @throws SomaError JSON_TOO_DEEP, JSON_KEY_FORBIDDEN, NUMBER_NOT_EXACT or TEXT_INVALID.
 */
export function scanJson(text: string): void {
  const levels: Level[] = [];
  let expectsKey = false;
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      const string = unquote(text.slice(at, end + 1));
      assertStorable(string);
      if (expectsKey) noteKey(levels.at(-1), string);
      expectsKey = false;
      at = end + 1;
      continue;
    }
    if (code === OPEN_OBJECT || code === OPEN_LIST) {
      if (levels.length === MAX_JSON_DEPTH) throw tooDeep();
      levels.push(code === OPEN_OBJECT ? new Set() : undefined);
      expectsKey = code === OPEN_OBJECT;
    } else if (code === CLOSE_OBJECT || code === CLOSE_LIST) {
      levels.pop();
      expectsKey = false;
    } else if (code === COMMA) {
      expectsKey = levels.at(-1) !== undefined;
    } else if (isNumberStart(code)) {
      const end = endOfToken(text, at);
      assertExact(text.slice(at, end));
      at = end;
      continue;
    }
    at += 1;
  }
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    at += code === BACKSLASH ? 2 : 1;
  }
  return text.length;
}

function endOfToken(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && !isDelimiter(text.charCodeAt(at))) at += 1;
  return at;
}

function isDelimiter(code: number): boolean {
  return (
    code <= SPACE ||
    code === COMMA ||
    code === COLON ||
    code === CLOSE_LIST ||
    code === CLOSE_OBJECT ||
    code === QUOTE
  );
}

/** A digit or a minus sign. */
function isNumberStart(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || code === 0x2d;
}

function noteKey(keys: Level, key: string | undefined): void {
  if (key === undefined || !keys) return;
  if (key === '__proto__') {
    throw new SomaError('JSON_KEY_FORBIDDEN', 'The key "__proto__" is not allowed; rename it.');
  }
  if (keys.has(key)) {
    throw new SomaError(
      'JSON_KEY_FORBIDDEN',
      `The key ${JSON.stringify(key.slice(0, 80))} stands twice in one object; one would be lost.`,
    );
  }
  keys.add(key);
}

/** Strings without an escape, which are most, are taken as they stand. */
function unquote(quoted: string): string | undefined {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return String(JSON.parse(quoted));
  } catch {
    return undefined;
  }
}

function assertStorable(text: string | undefined): void {
  if (text === undefined || isStorableText(text)) return;
  throw new SomaError(
    'TEXT_INVALID',
    `The text ${JSON.stringify(text.slice(0, 80))} holds a NUL or half a surrogate pair, which ` +
      'cannot be stored.',
  );
}

function assertExact(token: string): void {
  const isNumber = /^-?\d[\d.eE+-]*$/.test(token);
  if (!isNumber || isExactNumber(token)) return;
  throw new SomaError(
    'NUMBER_NOT_EXACT',
    `The number ${token.slice(0, 40)} would be changed by JSON; send it as a string.`,
  );
}

function tooDeep(): SomaError {
  return new SomaError('JSON_TOO_DEEP', `JSON may be nested ${MAX_JSON_DEPTH} deep at most.`);
}
