import type { HealthAnswer, Readiness } from '../../apps/api/src/status/status.schema.js';
import { eventually } from './eventually.js';
import { ok, problem } from './http.js';
import { type Client, type Service, startService } from './service.js';

interface OpenApi {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, { summary?: string; responses: object }>>;
  readonly components: { readonly schemas: Record<string, { examples?: unknown[] }> };
}

describe('running the service', () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;

  beforeAll(async () => {
    service = await startService();
    [ours, theirs] = [await service.tenant(), await service.tenant()];
  });
  afterAll(() => service.close());

  const open = <Body>(path: string, headers?: Record<string, string>) =>
    service.request<Body>('GET', path, { headers });

  describe('health', () => {
    it('P13 says at /healthz that it lives, to anybody', async () => {
      expect(await ok(open('/healthz'))).toEqual({ status: 'ok' });
    });

    it('P13 says at /readyz whether it can serve', async () => {
      const ready = await eventually(
        () => ok(open<Readiness>('/readyz')),
        ({ status }) => status === 'ok',
      );
      expect(ready.dependencies['store']).toMatchObject({ status: 'ok' });
    });

    it('P13 says at /health how long each dependency took', async () => {
      const health = await eventually(
        () => ok(open<HealthAnswer>('/health')),
        ({ status }) => status === 'ok',
      );
      expect(health).toMatchObject({ status: 'ok', version: expect.stringMatching(/^\d+\.\d+/) });
      expect(health.uptime_s).toBeGreaterThanOrEqual(0);
      expect(Object.keys(health.dependencies)).toEqual(
        expect.arrayContaining(['store', 'index', 'embedder']),
      );
      for (const { status, latency_ms } of Object.values(health.dependencies)) {
        expect(status).toBe('ok');
        expect(latency_ms).toBeGreaterThanOrEqual(0);
        expect(latency_ms).toBeLessThan(5_000);
      }
    });

    it('P13 tells nobody anything of a tenant', async () => {
      await ours.store({ content: 'x', namespace: 'namespace-canary' });
      for (const path of ['/healthz', '/readyz', '/health', '/metrics']) {
        const text = JSON.stringify((await open(path)).body);
        expect(text).not.toContain(ours.tenantId);
        expect(text).not.toContain('namespace-canary');
        expect(text).not.toContain(ours.tokenId);
      }
    });
  });

  describe('statistics', () => {
    it('P12 count memories by type and namespace, versions, links, vectors, and name the backends', async () => {
      const client = await service.tenant();
      await client.storeAll([
        { coord: '1', content: 'a', memory_type: 'semantic' },
        { coord: '2', content: 'b' },
        { coord: '2', content: 'b again' },
        { coord: '1', content: 'c', namespace: 'other' },
      ]);
      await client.link('1', '2', { link_type: 'causes' });
      const stats = await client.stats();
      expect(stats).toMatchObject({
        memories: {
          total: 3,
          by_type: { episodic: 2, semantic: 1 },
          by_namespace: { default: 2, other: 1 },
        },
        versions: 4,
        links: { total: 1, by_type: { causes: 1 } },
        embeddings: { total: 3, dimension: 768 },
      });
      expect(stats.backends).toEqual({
        store: expect.stringMatching(/^(pglite|postgresql)$/),
        index: expect.stringMatching(/^(flat|milvus)$/),
        cache: expect.stringMatching(/^(in-process|redis)$/),
      });
      expect(await client.stats('namespace=other')).toMatchObject({
        memories: { total: 1, by_type: { episodic: 1 }, by_namespace: { other: 1 } },
        versions: 1,
        links: { total: 0, by_type: {} },
        embeddings: { total: 1 },
      });
    });

    it('P12 count nothing of another tenant', async () => {
      await ours.store({ content: 'mine', namespace: 'shared name' });
      expect(await theirs.stats('namespace=shared%20name')).toMatchObject({
        memories: { total: 0, by_type: {}, by_namespace: {} },
        versions: 0,
      });
      expect((await theirs.stats()).memories.total).toBe(0);
    });

    it('P12 say when every vector is in the index', async () => {
      await ours.storeAll(Array.from({ length: 20 }, (_, n) => ({ content: `${n}` })));
      expect((await ours.settledStats()).embeddings.pending).toBe(0);
    });
  });

  describe('documentation', () => {
    it('P14 describes every route at /openapi.json', async () => {
      const document = await ok(open<OpenApi>('/openapi.json'));
      expect(document.openapi).toMatch(/^3\./);
      expect(Object.keys(document.paths).sort()).toEqual([
        '/admin/audit',
        '/admin/audit/export',
        '/admin/audit/verify',
        '/admin/backup',
        '/admin/consistency',
        '/admin/deletions/{id}',
        '/admin/encryption/rewrap',
        '/admin/log-level',
        '/admin/quotas/verify',
        '/admin/reconcile',
        '/admin/reembed',
        '/admin/reembed/finish',
        '/admin/reembed/rollback',
        '/admin/reembed/switch',
        '/admin/reindex',
        '/admin/tenants',
        '/admin/tenants/{tenant}',
        '/admin/tenants/{tenant}/decay-policy',
        '/admin/tenants/{tenant}/encryption',
        '/admin/tenants/{tenant}/encryption/apply',
        '/admin/tenants/{tenant}/encryption/rotate',
        '/admin/tenants/{tenant}/quarantine',
        '/admin/tenants/{tenant}/quarantine/reject',
        '/admin/tenants/{tenant}/quarantine/release',
        '/admin/tenants/{tenant}/quotas',
        '/admin/tenants/{tenant}/resume',
        '/admin/tenants/{tenant}/rollback',
        '/admin/tenants/{tenant}/suspend',
        '/admin/tenants/{tenant}/tokens',
        '/admin/tenants/{tenant}/tokens/{token}',
        '/admin/tenants/{tenant}/tokens/{token}/rotate',
        '/admin/tenants/{tenant}/usage',
        '/deletions/{id}',
        '/graph/link',
        '/graph/neighbors',
        '/graph/path',
        '/health',
        '/healthz',
        '/hierarchy/archive',
        '/hierarchy/archive/{id}',
        '/hierarchy/archive/{id}/restore',
        '/hierarchy/consolidate',
        '/hierarchy/decay',
        '/hierarchy/duplicates',
        '/hierarchy/reflect',
        '/hierarchy/summarize',
        '/hierarchy/tree',
        '/locks',
        '/locks/{name}',
        '/locks/{name}/renew',
        '/memories',
        '/memories/bulk',
        '/memories/context',
        '/memories/delete',
        '/memories/export',
        '/memories/import',
        '/memories/search',
        '/memories/search/batch',
        '/memories/{address}',
        '/memories/{address}/feedback',
        '/memories/{address}/hold',
        '/memories/{address}/merged',
        '/memories/{address}/salience',
        '/memories/{address}/sources',
        '/memories/{address}/unmerge',
        '/memories/{address}/versions',
        '/memories/{address}/versions/{version}',
        '/memories/{address}/versions/{version}/restore',
        '/metrics',
        '/namespaces',
        '/namespaces/{namespace}',
        '/readyz',
        '/stats',
      ]);
      for (const methods of Object.values(document.paths)) {
        for (const { summary, responses } of Object.values(methods)) {
          expect(summary).toEqual(expect.stringMatching(/\S/));
          expect(Object.keys(responses).length).toBeGreaterThan(0);
        }
      }
    });

    it('P14 shows Swagger at /api/docs', async () => {
      const { status, headers, body } = await open<string>('/api/docs');
      expect(status).toBe(200);
      expect(headers.get('content-type')).toContain('text/html');
      expect(body).toContain('swagger-ui');
    });
  });

  describe('metrics', () => {
    it('P15 measure requests by route pattern, method and status', async () => {
      const stored = await ours.store({ coord: '41,42', content: 'measured' });
      await ours.read(stored.id);
      await ours.read('41,42');
      await ours.get('/memories/43,44');
      await open('/no/such/route');
      const { headers, body } = await open<string>('/metrics');
      expect(headers.get('content-type')).toContain('text/plain');
      const count = (labels: string) =>
        Number(
          new RegExp(`soma_http_request_duration_seconds_count\\{${labels}\\} (\\d+)`).exec(
            body,
          )?.[1],
        );
      expect(count('method="GET",route="/memories/:address",status="200"')).toBeGreaterThan(1);
      expect(count('method="GET",route="/memories/:address",status="404"')).toBeGreaterThan(0);
      expect(count('method="GET",route="unmatched",status="404"')).toBeGreaterThan(0);
      expect(count('method="POST",route="/memories",status="201"')).toBeGreaterThan(0);
      expect(body).toMatch(/^soma_outbox_tasks \d+$/m);
      expect(body).toMatch(/^soma_process_cpu_seconds_total /m);
    });

    it('P15 have no id, coordinate or tenant as a label', async () => {
      const stored = await ours.store({ coord: '4141,4242', content: 'measured', tags: ['label'] });
      await ours.read(stored.id);
      await ours.read('4141,4242');
      const { body } = await open<string>('/metrics');
      const labels = [...body.matchAll(/="([^"]*)"/g)].map(([, value]) => value ?? '');
      expect(labels.length).toBeGreaterThan(0);
      expect(labels.filter((label) => /4141|[0-9a-f]{8}-/.test(label))).toEqual([]);
      expect(new Set(body.match(/route="[^"]*"/g)).size).toBeLessThan(30);
    });
  });

  describe('every answer', () => {
    it('has a request id: the one sent, if it is harmless', async () => {
      const sent = await open('/healthz', { 'x-request-id': 'trace.1:a-b_c' });
      expect(sent.headers.get('x-request-id')).toBe('trace.1:a-b_c');
      const hostile = ['with space', 'x'.repeat(101), '<script>', 'a"b'];
      for (const id of hostile) {
        const { headers } = await open('/healthz', { 'x-request-id': id });
        expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
      }
      const missing = await ours.get<{ request_id: string }>('/memories/404404');
      expect(missing.body.request_id).toBe(missing.headers.get('x-request-id'));
    });

    it('that fails is a problem document', async () => {
      const { token } = ours;
      const failures = [
        await open('/no/such/route'),
        await open('/memories/extra/part'),
        await open('/'),
        await service.request('PUT', '/memories/1,2', { token, body: {} }),
        await service.request('POST', '/memories/1,2', { token, body: {} }),
        await service.request('DELETE', '/memories', { token }),
        await service.request('GET', '/graph/link', { token }),
        await service.request('PATCH', '/healthz', { token }),
        await open('/memories'),
        await ours.get('/memories/404404'),
        await ours.post('/memories', { nothing: 'known' }),
      ];
      const statuses = failures.map(({ status }) => status);
      expect(statuses).toEqual([404, 404, 404, 405, 405, 405, 405, 405, 401, 404, 400]);
      for (const { status, headers, body } of failures) {
        expect(headers.get('content-type')).toContain('application/problem+json');
        expect(body).toEqual({
          type: expect.stringMatching(/^urn:soma:error:[A-Z_]+$/),
          title: expect.stringMatching(/\S/),
          status,
          code: expect.stringMatching(/^[A-Z_]+$/),
          detail: expect.stringMatching(/\S/),
          request_id: headers.get('x-request-id'),
          errors: expect.any(Array),
        });
      }
      expect(failures[0]).toMatchObject(problem('ROUTE_NOT_FOUND'));
      expect(failures[8]?.headers.get('www-authenticate')).toContain('Bearer');
    });

    it('does not say what it is made of', async () => {
      const { headers } = await ours.get('/stats');
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('server')).toBeNull();
    });

    it('to HEAD has no body', async () => {
      await ours.store({ coord: '5', content: 'head' });
      const answer = await service.request('HEAD', '/memories/5', { token: ours.token });
      expect([answer.status, answer.body]).toEqual([200, '']);
      expect((await service.request('HEAD', '/memories/5')).status).toBe(401);
    });
  });
});
