import { AsyncLocalStorage } from 'node:async_hooks';
import { Readable } from 'node:stream';
import type { ExportPage } from '@soma/transfer';

/** Reads a page, and does with it what must be done before it is shown. */
export type NextPage = () => Promise<ExportPage | undefined>;

/**
 * Pages as lines, each read when the caller has taken the one before. The first one is read at once,
 * so that what is wrong with the request is its answer.
 */
export async function exportStream(next: NextPage): Promise<Readable> {
  // A page is asked for when the socket is free again, which is not of any request.
  const inRequest = AsyncLocalStorage.snapshot();
  const first = await next();
  return Readable.from(linesOf(first, () => inRequest(next)));
}

async function* linesOf(first: ExportPage | undefined, next: NextPage): AsyncGenerator<string> {
  for (let page = first; page; page = await next()) {
    const text = page.lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    if (text !== '') yield text;
  }
}
