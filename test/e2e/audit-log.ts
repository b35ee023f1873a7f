import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditEvent, AuditPageView, AuditVerification } from '@soma/audit';
import { ok } from './http.js';
import { type Client, OPERATOR_TOKEN, type Service } from './service.js';

/** A deletion is verified in its turn, after those of specs before, once Milvus finds nothing any more. */
const PATIENCE_MS = 200_000;

/** The audit as somebody who may read it sees it. */
export class AuditReader {
  constructor(
    private readonly service: Service,
    private readonly token = OPERATOR_TOKEN,
  ) {}

  /** Newest first. */
  async events(query: Record<string, string>): Promise<AuditEvent[]> {
    const text = new URLSearchParams({ limit: '200', ...query }).toString();
    return (await ok(this.get<AuditPageView>(`/admin/audit?${text}`))).events;
  }

  /** Once there are so many. */
  async awaited(query: Record<string, string>, count: number): Promise<AuditEvent[]> {
    return within(
      () => this.events(query),
      (events) => events.length >= count,
    );
  }

  /** Once all is chained. */
  verified(tenant: string): Promise<AuditVerification> {
    return within(
      () => ok(this.get<AuditVerification>(`/admin/audit/verify?tenant=${tenant}`)),
      ({ waiting }) => waiting === 0,
    );
  }

  async exported(query: Record<string, string>): Promise<AuditEvent[]> {
    const text = new URLSearchParams(query).toString();
    const body = await ok(this.get<string>(`/admin/audit/export?${text}`));
    expect(body === '' || body.endsWith('\n')).toBe(true);
    return body
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as AuditEvent);
  }

  private get<Body>(path: string) {
    return this.service.request<Body>('GET', path, { token: this.token });
  }
}

async function within<T>(ask: () => Promise<T>, isEnough: (answer: T) => boolean): Promise<T> {
  for (const until = Date.now() + PATIENCE_MS; ; await sleep(50)) {
    const answer = await ask();
    if (isEnough(answer)) return answer;
    if (Date.now() > until)
      throw new Error(`Waited in vain: ${JSON.stringify(answer).slice(0, 500)}`);
  }
}

/** Does everything once that leaves an event of a tenant, with the canary in every text. */
export async function useAll(service: Service, client: Client, canary: string) {
  const operator = { token: OPERATOR_TOKEN };
  const text = { content: `${canary} content`, tags: [canary], payload: { [canary]: canary } };
  const one = await client.store({ coord: '1', ...text });
  await client.store({ coord: '1', ...text, importance: 0.9 });
  const other = await client.store({ coord: '2', ...text });
  const bulk = await client.storeAll([
    { coord: '3', ...text },
    { coord: '4', ...text },
  ]);
  await ok(client.patch(`/memories/${one.id}`, { content: `${canary} changed` }));
  await client.link('1', '2', { link_type: canary, metadata: { [canary]: 1 } });
  const found = await client.search(`${canary} query`);
  await ok(client.post('/memories/search/batch', { searches: [{ query: canary }] }));
  await client.read(one.id);
  await client.read('2');
  await ok(client.get(`/memories/${one.id}/versions`));
  await ok(client.get(`/memories/${one.id}/versions/1`));
  await ok(client.post(`/memories/${one.id}/versions/1/restore`));
  await client.list('');
  await client.neighbors('coord=1');
  await client.path('from_coord=1&to_coord=2');
  await ok(client.delete('/graph/link', { from_coord: '1', to_coord: '2' }));
  await ok(client.delete(`/memories/${other.id}`), 204);
  const admin = `/admin/tenants/${client.tenantId}`;
  const body = { name: `${canary} token`, scopes: ['memories:read'] };
  const made = await ok(client.post<{ id: string; token: string }>(`${admin}/tokens`, body), 201);
  const rotated = await ok(
    client.post<{ token: string }>(`${admin}/tokens/${made.id}/rotate`, {}),
    201,
  );
  await ok(client.delete(`${admin}/tokens/${made.id}`), 204);
  await ok(service.request('PUT', `${admin}/quotas`, { ...operator, body: { memories: 1_000 } }));
  await ok(service.request('POST', `${admin}/suspend`, operator));
  await ok(service.request('POST', `${admin}/resume`, operator));
  return {
    one,
    other,
    found,
    bulkIds: bulk.results.flatMap(({ memory }) => (memory ? [memory.id] : [])),
    made,
    secrets: [made.token, rotated.token, client.token].map((token) => token.split('_')[2] ?? ''),
  };
}

/** What `useAll` leaves, apart from the making of the tenant and its first token. */
export const LEFT_BY_ALL: Readonly<Record<string, number>> = {
  'memories.store': 4,
  'memories.update': 2,
  'memories.versions': 1,
  'memories.read_version': 1,
  'memories.delete': 1,
  'memories.search': 1,
  'memories.search_batch': 1,
  'memories.read': 2,
  'memories.list': 1,
  'graph.link': 1,
  'graph.unlink': 1,
  'graph.neighbors': 1,
  'graph.path': 1,
  'tenants.create': 1,
  'tenants.suspend': 1,
  'tenants.resume': 1,
  'tokens.create': 2,
  'tokens.rotate': 1,
  'tokens.revoke': 1,
  'quotas.update': 1,
  'quotas.update_rates': 1,
};
