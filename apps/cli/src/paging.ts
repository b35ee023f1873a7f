import type { ApiClient, ApiReply } from './api-client.js';

const PAGE = 200;

export interface PagingOptions {
  readonly limit?: number;
  readonly cursor?: string;
  readonly all?: boolean;
}

export type Page<Name extends string, Item> = Record<Name, readonly Item[]> & {
  readonly next_cursor: string | null;
};

/** One page, or with `all` every page from the cursor on, put together as one reply. */
export async function fetchPages<Name extends string, Item>(
  api: ApiClient,
  request: { path: string; query?: Record<string, string | undefined>; items: Name },
  { limit, cursor, all }: PagingOptions,
): Promise<ApiReply<Page<Name, Item>>> {
  const { path, query, items } = request;
  const pageOf = (from: string | undefined): Promise<ApiReply<Page<Name, Item>>> =>
    api.send({
      path,
      query: { ...query, limit: limit ?? (all ? PAGE : undefined), cursor: from },
    });

  const first = await pageOf(cursor);
  if (!all || first.body.next_cursor === null) return first;
  const collected = [...first.body[items]];
  for (let next: string | null = first.body.next_cursor; next !== null;) {
    const page = await pageOf(next);
    for (const item of page.body[items]) collected.push(item);
    next = page.body.next_cursor ?? null;
  }
  const body = { [items]: collected, next_cursor: null } as Page<Name, Item>;
  return { status: first.status, text: JSON.stringify(body), body };
}
