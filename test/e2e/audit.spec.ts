import type { AuditPageView, AuditVerification } from '@soma/audit';
import { setTimeout as sleep } from 'node:timers/promises';
import { ok, problem } from './http.js';
import { askRaw } from './raw-tables.js';
import { type Client, OPERATOR_TOKEN, type Service, startService } from './service.js';

describe('the audit', () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;

  const verify = async (client: Client): Promise<AuditVerification> => {
    for (;;) {
      const chain = await ok(client.get<AuditVerification>('/admin/audit/verify'));
      if (chain.waiting === 0) return chain;
      await sleep(100);
    }
  };
  const list = (client: Client, query = '') =>
    ok(client.get<AuditPageView>(`/admin/audit?${query}`));

  beforeAll(async () => {
    service = await startService();
    [ours, theirs] = [await service.tenant(), await service.tenant()];
    for (const client of [ours, ours, ours, theirs]) {
      const { id } = await client.store({ content: 'a secret zqcanary to be deleted' });
      const { status } = await client.delete(`/memories/${id}`, undefined, { 'x-request-id': id });
      expect(status).toBe(204);
    }
  });
  afterAll(() => service.close());

  it('P23 says who deleted, when, from where and in which request, of the own tenant', async () => {
    const { events } = await list(ours, 'action=memories.delete');
    expect(events).toHaveLength(3);
    for (const event of events) {
      expect(event).toMatchObject({
        tenant_id: ours.tenantId,
        actor: ours.tokenId,
        action: 'memories.delete',
        target_kind: 'deletion',
        source: expect.stringContaining('127.0.0.1'),
        outcome: 'accepted',
        details: { kind: 'memory' },
      });
      expect(event.request_id).toMatch(/^[0-9a-f-]{36}$/);
    }
    expect((await list(theirs, 'action=memories.delete')).events).toHaveLength(1);
    expect(JSON.stringify(events)).not.toContain('zqcanary');
  });

  it('P23 pages from the newest on, and refuses the cursor of another tenant', async () => {
    const all = (await list(ours, 'action=memories.delete')).events.map(({ id }) => id);
    const first = await list(ours, 'action=memories.delete&limit=2');
    const cursor = first.next_cursor ?? '';
    const rest = await list(ours, `action=memories.delete&limit=2&cursor=${cursor}`);
    expect([...first.events, ...rest.events].map(({ id }) => id)).toEqual(all);
    expect(rest.next_cursor).toBeNull();
    expect(await theirs.get(`/admin/audit?action=memories.delete&cursor=${cursor}`)).toMatchObject(
      problem('CURSOR_INVALID'),
    );
  });

  it('P23 is read by the operator for a tenant that is named, and for none that is not', async () => {
    const operator = { token: OPERATOR_TOKEN };
    const path = `/admin/audit?tenant=${theirs.tenantId}&action=memories.delete`;
    const { events } = await ok(service.request<AuditPageView>('GET', path, operator));
    expect(events.map(({ tenant_id: id }) => id)).toEqual([theirs.tenantId]);
    const unnamed = await service.request('GET', '/admin/audit', operator);
    expect(unnamed).toMatchObject(problem('VALIDATION_FAILED'));
  });

  it('P23 finds an event that somebody with every right has changed', async () => {
    const before = await verify(ours);
    expect(before).toMatchObject({ intact: true, broken_at: null });
    const where = `tenant_id = '${ours.tenantId}' AND sequence = 2`;
    await askRaw(service, (ask) => ask(`UPDATE audit_events SET actor = 'x' WHERE ${where}`));
    expect(await verify(ours)).toMatchObject({ intact: false, events: 1, broken_at: 2 });
    expect(await verify(theirs)).toMatchObject({ intact: true });
  });
});
