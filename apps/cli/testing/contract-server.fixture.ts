import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { forgettingAnswer } from './forgetting-answers.fixture.js';
import {
  aLink,
  aLockState,
  aMemory,
  aNamespace,
  aReembedding,
  aRollback,
  aContextReply,
  aSearchReply,
} from './resources.fixture.js';

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  readonly body: unknown;
}

export interface CannedReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Sent as it is, in place of `body`. */
  readonly text?: string;
}

type Answer = (
  request: RecordedRequest,
) => CannedReply | undefined | Promise<CannedReply | undefined>;

/** An HTTP server that speaks the API's contract with canned answers and keeps what it was asked. */
export class ContractServer {
  readonly requests: RecordedRequest[] = [];
  private answer: Answer = () => undefined;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<ContractServer> {
    const server = createServer();
    const started = new ContractServer(server);
    server.on('request', (request, response) => void started.handle(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return started;
  }

  get url(): string {
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  get last(): RecordedRequest {
    const last = this.requests.at(-1);
    if (!last) throw new Error('No request has come.');
    return last;
  }

  /** Answers that come before the canned ones; undefined leaves a request to those. */
  answerWith(answer: Answer): void {
    this.answer = answer;
  }

  reset(): void {
    this.requests.length = 0;
    this.answer = () => undefined;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const url = new URL(incoming.url ?? '/', this.url);
    const request: RecordedRequest = {
      method: incoming.method ?? '',
      path: decodeURIComponent(url.pathname),
      query: Object.fromEntries(url.searchParams),
      headers: incoming.headers,
      text,
      body: bodyOf(text, incoming.headers['content-type']),
    };
    this.requests.push(request);
    const reply = (await this.answer(request)) ?? canned(request);
    const { status = 200, headers = {}, body } = reply;
    const type = status >= 400 ? 'application/problem+json' : 'application/json';
    response.writeHead(status, { 'content-type': type, ...headers });
    response.end(reply.text ?? (body === undefined ? undefined : JSON.stringify(body)));
  }
}

/** Lines of JSON are no document of it. */
const bodyOf = (text: string, type = ''): unknown =>
  text === '' || type.includes('ndjson') ? undefined : JSON.parse(text);

export function problem(
  status: number,
  code: string,
  detail: string,
  extra: object = {},
): CannedReply {
  const body = { type: 'about:blank', title: code, status, code, detail, request_id: 'req-1' };
  return { status, body: { ...body, ...extra } };
}

function canned({ method, path, body }: RecordedRequest): CannedReply {
  const forgetting = forgettingAnswer(method, path);
  if (forgetting) return forgetting;
  const memory = aMemory();
  if (/^\/memories\/[^/]+\/versions$/.test(path)) {
    return { body: { versions: [memory], next_cursor: null } };
  }
  if (/^\/memories\/[^/]+\/versions\/\d+\/restore$/.test(path)) return { body: memory };
  switch (
    `${method} ${path.replace(/^\/memories\/(?!bulk|context|search|delete).+/, '/memories/*')}`
  ) {
    case 'POST /memories':
      return { status: 201, headers: { etag: '"1"' }, body: memory };
    case 'POST /memories/bulk': {
      const { memories } = body as { memories: readonly unknown[] };
      const results = memories.map((_, index) => ({ index, status: 201, memory }));
      return { body: { results, stored: memories.length, failed: 0 } };
    }
    case 'POST /memories/context':
      return { body: aContextReply() };
    case 'POST /memories/search':
      return { body: aSearchReply(body) };
    case 'POST /memories/delete':
      return { body: { matched: 3, deleted: 0, ids: ['a', 'b', 'c'], dry_run: true } };
    case 'GET /memories':
      return { body: { memories: [memory], next_cursor: null } };
    case 'GET /memories/*':
    case 'PATCH /memories/*':
      return { headers: { etag: '"1"' }, body: memory };
    case 'DELETE /memories/*':
      return { status: 204 };
    case 'POST /graph/link':
      return { status: 201, body: aLink() };
    case 'DELETE /graph/link':
      return { body: { deleted: 1 } };
    case 'GET /graph/neighbors':
      return { body: { neighbors: [{ memory, depth: 1, link: aLink() }], truncated: false } };
    case 'GET /graph/path':
      return {
        body: {
          found: true,
          length: 1,
          strength: 0.8,
          memories: [memory, memory],
          links: [aLink()],
        },
      };
    case 'GET /namespaces':
      return { body: { namespaces: [aNamespace()], next_cursor: null } };
    case 'PUT /namespaces/n m/ü':
      return { body: aNamespace() };
    case 'POST /locks':
      return { status: 201, body: { ...aLockState(), token: 'lease_a' } };
    case 'POST /locks/n m/ü/renew':
    case 'GET /locks/n m/ü':
    case 'DELETE /locks/n m/ü':
      return { body: aLockState() };
    case 'GET /stats':
      return {
        body: { memories: { total: 7, by_type: { episodic: 7 } }, backends: { store: 'pglite' } },
      };
    case 'GET /health':
      return {
        body: {
          status: 'ok',
          dependencies: { postgres: { status: 'ok', latency_ms: 1.25 } },
          version: '0.1.0',
          uptime_s: 61,
        },
      };
    default:
      return cannedAdmin(method, path);
  }
}

function cannedAdmin(method: string, path: string): CannedReply {
  const tenant = { id: 'tenant-1', name: 'acme', created_at: '2026-01-01T00:00:00.000Z' };
  const token = {
    id: 'token-1',
    name: 'agent',
    scopes: ['memories:read'],
    expires_at: null,
    slot: null,
    valid_from: null,
    valid_to: null,
    superseded_by: null,
    revoked_at: null,
    last_used_at: null,
    created_at: '2026-01-01T00:00:00.000Z',
  };
  switch (`${method} ${path}`) {
    case 'POST /admin/tenants':
      return { status: 201, body: tenant };
    case 'GET /admin/tenants':
      return { body: { tenants: [tenant], next_cursor: null } };
    case 'GET /admin/tenants/tenant-1/usage':
      return { body: { kept: NOTHING, quotas: NOTHING, days: [] } };
    case 'GET /admin/tenants/tenant-1/quotas':
    case 'PUT /admin/tenants/tenant-1/quotas':
      return { body: { set: NOTHING, effective: NOTHING } };
    case 'POST /admin/quotas/verify':
      return { body: { tenants: 1, differing: [], repaired: 0 } };
    case 'GET /admin/tenants/tenant-1':
    case 'POST /admin/tenants/tenant-1/suspend':
    case 'POST /admin/tenants/tenant-1/resume':
      return { body: tenant };
    case 'POST /admin/tenants/t/tokens':
    case 'POST /admin/tenants/tenant-1/tokens/token-1/rotate':
    case 'POST /admin/tenants/tenant-1/tokens':
      return {
        status: 201,
        body: { ...token, token: 'soma_token-1_secret', tenant_id: 'tenant-1' },
      };
    case 'GET /admin/tenants/tenant-1/tokens':
      return { body: { tokens: [token] } };
    case 'DELETE /admin/tenants/tenant-1/tokens/token-1':
      return { status: 204 };
    case 'GET /admin/tenants/t/quarantine':
      return { body: { writes: [], next_cursor: null } };
    case 'POST /admin/tenants/t/quarantine/release':
      return { body: { released: ['a', 'b'], failed: [], remaining: 0 } };
    case 'POST /admin/tenants/t/quarantine/reject':
      return { body: { deleted: 2, remaining: 0, receipt_id: null } };
    case 'POST /admin/tenants/t/rollback':
      return { body: aRollback() };
    case 'GET /admin/log-level':
    case 'PUT /admin/log-level':
      return { body: { level: 'debug', configured: 'info', until: null } };
    case 'GET /admin/consistency':
      return { body: { last_run: null, tenants: [], next_cursor: null } };
    case 'POST /admin/reconcile':
      return { body: { finished_at: '2026-01-01T00:00:00.000Z', dry_run: true, tenants: [] } };
    case 'GET /admin/reembed':
    case 'POST /admin/reembed':
    case 'DELETE /admin/reembed':
    case 'POST /admin/reembed/switch':
    case 'POST /admin/reembed/rollback':
    case 'POST /admin/reembed/finish':
      return { body: aReembedding() };
    case 'POST /admin/reindex':
      return { body: { tenants: 1, queued: 2 } };
    default:
      return problem(404, 'ROUTE_NOT_FOUND', `There is no ${method} ${path}.`);
  }
}

const NOTHING = { memories: 0, bytes: 0, vectors: 0, links: 0 };
