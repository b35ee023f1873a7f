import type { JsonObject, JsonValue } from '@soma/core';
import { MAX_CONTENT_CHARACTERS } from './memory.schema.js';

/** Names under which payloads usually keep their text, most telling first. */
const TEXT_KEYS = ['content', 'text', 'message', 'summary', 'fact', 'description', 'title'];

/**
 * The searchable text of a payload: its first usual text field, else every scalar as `name: value`,
 * cut at the longest content allowed. The payload itself is kept whole.
 */
export function contentOfPayload(payload: JsonObject): string {
  for (const key of TEXT_KEYS) {
    const value = payload[key];
    if (typeof value === 'string' && value.trim() !== '') return cut(value);
  }
  return cut(scalarLines(payload, '').join('\n'));
}

function scalarLines(value: JsonValue, name: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => scalarLines(item, name));
  if (value !== null && typeof value === 'object') {
    return Object.entries(value).flatMap(([key, item]) =>
      scalarLines(item, name === '' ? key : `${name}.${key}`),
    );
  }
  return [`${name}: ${String(value)}`];
}

function cut(text: string): string {
  return text.slice(0, MAX_CONTENT_CHARACTERS).toWellFormed();
}
