import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openInfrastructure } from '@soma/composition';
import { parseConfig } from '@soma/config';
import { createApi } from '../../apps/api/src/app.setup.js';

export const OPERATOR_TOKEN = 'operator-token-of-the-tests';

export interface Answer<Body = any> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** The whole API in this process, on the embedded stack unless the settings say otherwise. */
export interface Service {
  readonly url: string;
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  /** A tenant of its own with a token of these scopes (all by default). */
  tenant(scopes?: readonly string[]): Promise<Client>;
  close(): Promise<void>;
}

export interface RequestOptions {
  readonly token?: string;
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Record<string, string>;
}

/** Requests with one token. */
export interface Client {
  readonly tenantId: string;
  readonly token: string;
  readonly tokenId: string;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  patch(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  delete(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

export const ALL_SCOPES = [
  'memories:read',
  'memories:write',
  'graph:read',
  'graph:write',
  'admin',
] as const;

export async function startService(settings: Record<string, string> = {}): Promise<Service> {
  const dataDir = mkdtempSync(join(tmpdir(), 'soma-e2e-'));
  const config = parseConfig({
    SOMA_DATA_DIR: dataDir,
    SOMA_ADMIN_TOKEN: OPERATOR_TOKEN,
    SOMA_RATE_LIMIT_PER_SECOND: '0',
    SOMA_LOG_LEVEL: 'silent',
    SOMA_INDEXER: 'in-process',
    ...settings,
  });
  const infrastructure = await openInfrastructure(config);
  const app = await createApi(infrastructure);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const request = (method: string, path: string, options: RequestOptions = {}) =>
    send(url, method, path, options);
  return {
    url,
    request,
    tenant: (scopes = ALL_SCOPES) => createClient(request, scopes),
    close: async () => {
      await app.close();
      await infrastructure.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function send(
  url: string,
  method: string,
  path: string,
  { token, body, raw, headers }: RequestOptions,
): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...((body !== undefined || raw !== undefined) && { 'content-type': 'application/json' }),
      ...headers,
    },
    body: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
  });
  const text = await response.text();
  const isJson = (response.headers.get('content-type') ?? '').includes('json');
  return {
    status: response.status,
    headers: response.headers,
    body: isJson && text !== '' ? JSON.parse(text) : text,
  };
}

let tenants = 0;

async function createClient(
  request: Service['request'],
  scopes: readonly string[],
): Promise<Client> {
  tenants += 1;
  const name = `tenant ${process.pid} ${Date.now()} ${tenants}`;
  const operator = { token: OPERATOR_TOKEN };
  const tenant = await request('POST', '/admin/tenants', { ...operator, body: { name } });
  const created = await request('POST', `/admin/tenants/${tenant.body.id}/tokens`, {
    ...operator,
    body: { name: 'test', scopes },
  });
  const token: string = created.body.token;
  return {
    tenantId: tenant.body.id,
    token,
    tokenId: created.body.id,
    get: (path, headers) => request('GET', path, { token, headers }),
    post: (path, body, headers) => request('POST', path, { token, body, headers }),
    patch: (path, body, headers) => request('PATCH', path, { token, body, headers }),
    delete: (path, body, headers) => request('DELETE', path, { token, body, headers }),
  };
}
