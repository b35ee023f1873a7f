import type { ImportResult } from '@soma/transfer';
import type { Client } from './client.js';
import { type Answer, ok, sendRequest } from './http.js';

export const NDJSON = 'application/x-ndjson';

type Sender = Pick<Client, 'token'>;

/** Lines sent as one body. */
export const linesOf = (values: readonly unknown[]): string =>
  values.map((value) => `${typeof value === 'string' ? value : JSON.stringify(value)}\n`).join('');

export function sendImport(
  url: string,
  { token }: Sender,
  body: string,
  query = '',
): Promise<Answer<ImportResult>> {
  const options = { token, raw: body, headers: { 'content-type': NDJSON } };
  return sendRequest<ImportResult>(url, 'POST', `/memories/import?${query}`, options);
}

/** @throws when it is not answered with 200. */
export const importLines = (
  url: string,
  client: Sender,
  values: readonly unknown[],
  query = '',
): Promise<ImportResult> => ok(sendImport(url, client, linesOf(values), query));

export const exportText = (url: string, { token }: Sender, query = ''): Promise<string> =>
  ok(sendRequest<string>(url, 'GET', `/memories/export?${query}`, { token }));

export const exportLines = async (
  url: string,
  client: Sender,
  query = '',
): Promise<Record<string, unknown>[]> =>
  (await exportText(url, client, query))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
