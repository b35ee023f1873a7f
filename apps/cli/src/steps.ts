import type { ApiClient } from './api-client.js';
import { jsonObject } from './json-text.js';

/** What each request answers of a long work: the next one goes on from its cursor, until there is none. */
export async function* steps<Step extends { readonly next_cursor: string | null }>(
  api: ApiClient,
  path: string,
  fields: Readonly<Record<string, unknown>>,
): AsyncIterable<Step> {
  let cursor: string | null | undefined;
  do {
    const body = jsonObject({ ...fields, cursor });
    const reply = await api.send<Step>({ method: 'POST', path, body });
    yield reply.body;
    cursor = reply.body.next_cursor;
  } while (cursor !== null);
}
