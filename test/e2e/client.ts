import type { Link, Neighbors, Path } from '@soma/graph';
import type { BulkResult, Deletion, Memory, MemoryPage } from '@soma/memory';
import type { SearchResponse } from '@soma/search';
import type { CreatedToken, Tenant } from '@soma/tenancy';
import type { Stats } from '../../apps/api/src/status/status.schema.js';
import { eventually } from './eventually.js';
import { type Answer, ok, sendRequest, untilServed } from './http.js';

type JsonBody = Record<string, unknown>;
type Headers = Record<string, string>;

/**
 * Requests with one token. The named ones give the body, ask again where the service is too busy, and
 * throw when they fail.
 */
export interface Client {
  readonly tenantId: string;
  readonly token: string;
  readonly tokenId: string;
  get<Body>(path: string, headers?: Headers): Promise<Answer<Body>>;
  post<Body>(path: string, body?: unknown, headers?: Headers): Promise<Answer<Body>>;
  patch<Body>(path: string, body?: unknown, headers?: Headers): Promise<Answer<Body>>;
  delete<Body>(path: string, body?: unknown, headers?: Headers): Promise<Answer<Body>>;

  store(memory: JsonBody): Promise<Memory>;
  storeAll(memories: readonly JsonBody[]): Promise<BulkResult>;
  read(address: string): Promise<Memory>;
  list(query?: string): Promise<MemoryPage>;
  search(query: string, options?: JsonBody): Promise<SearchResponse>;
  deleteBy(target: JsonBody): Promise<Deletion>;
  link(from: string, to: string, options?: JsonBody): Promise<Link>;
  neighbors(query: string): Promise<Neighbors>;
  path(query: string): Promise<Path>;
  stats(query?: string): Promise<Stats>;
  /** The same once the index has everything, so that two of them can be compared. */
  settledStats(): Promise<Stats>;
}

export const ALL_SCOPES = [
  'memories:read',
  'memories:write',
  'graph:read',
  'graph:write',
  'admin',
] as const;

let tenants = 0;

/** Makes a tenant with one token of these scopes. */
export async function createClient(
  url: string,
  operatorToken: string,
  scopes: readonly string[] = ALL_SCOPES,
): Promise<Client> {
  tenants += 1;
  const name = `tenant ${process.pid} ${Date.now()} ${tenants}`;
  const operator = { token: operatorToken };
  const tenant = await ok(
    sendRequest<Tenant>(url, 'POST', '/admin/tenants', { ...operator, body: { name } }),
    201,
  );
  const path = `/admin/tenants/${tenant.id}/tokens`;
  const body = { name: 'test', scopes };
  const created = await ok(
    sendRequest<CreatedToken>(url, 'POST', path, { ...operator, body }),
    201,
  );
  return clientOf(url, created);
}

export function clientOf(
  url: string,
  { token, id: tokenId, tenant_id: tenantId }: Pick<CreatedToken, 'token' | 'id' | 'tenant_id'>,
): Client {
  const send = <Body>(method: string, path: string, body?: unknown, headers?: Headers) =>
    sendRequest<Body>(url, method, path, { token, body, headers });
  const served = <Body>(method: string, path: string, body?: unknown) =>
    untilServed(() => send<Body>(method, path, body));
  return {
    tenantId,
    token,
    tokenId,
    get: (path, headers) => send('GET', path, undefined, headers),
    post: (path, body, headers) => send('POST', path, body, headers),
    patch: (path, body, headers) => send('PATCH', path, body, headers),
    delete: (path, body, headers) => send('DELETE', path, body, headers),

    store: (memory) => ok(served('POST', '/memories', memory), 201),
    storeAll: (memories) => ok(served('POST', '/memories/bulk', { memories })),
    read: (address) => ok(served('GET', `/memories/${address}`)),
    list: (query = '') => ok(served('GET', `/memories?${query}`)),
    search: (query, options) => ok(served('POST', '/memories/search', { query, ...options })),
    deleteBy: (target) => ok(served('POST', '/memories/delete', { dry_run: false, ...target })),
    link: (from, to, options) =>
      ok(served('POST', '/graph/link', { from_coord: from, to_coord: to, ...options }), 201),
    neighbors: (query) => ok(served('GET', `/graph/neighbors?${query}`)),
    path: (query) => ok(served('GET', `/graph/path?${query}`)),
    stats: (query = '') => ok(served('GET', `/stats?${query}`)),
    settledStats: () =>
      eventually(
        () => ok<Stats>(served('GET', '/stats')),
        ({ embeddings }) => embeddings.pending === 0,
      ),
  };
}
