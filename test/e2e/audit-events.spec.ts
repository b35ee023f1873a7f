import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditEvent } from '@soma/audit';
import { AuditReader, LEFT_BY_ALL, useAll } from './audit-log.js';
import { eventually } from './eventually.js';
import { problem } from './http.js';
import { askRaw } from './raw-tables.js';
import { type Client, OPERATOR_TOKEN, type Service, startService } from './service.js';

const CANARY = 'canary4e1a';
const RECALLS = ['search', 'search_batch', 'read', 'list'].map((name) => `memories.${name}`);

describe('the events of a tenant', () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;
  let audit: AuditReader;
  let done: Awaited<ReturnType<typeof useAll>>;
  let events: AuditEvent[];

  const actionsNaming = async (memory: string, more: Record<string, string> = {}) => {
    const found = await audit.events({ tenant: ours.tenantId, memory, ...more });
    return found.map(({ action }) => action).toSorted();
  };

  beforeAll(async () => {
    service = await startService();
    audit = new AuditReader(service);
    [ours, theirs] = [await service.tenant(), await service.tenant()];
    await theirs.store({ coord: '1', content: `${CANARY} theirs` });
    done = await useAll(service, ours, CANARY);
    const left = Object.values(LEFT_BY_ALL).reduce((sum, count) => sum + count, 0);
    events = (await audit.awaited({ tenant: ours.tenantId }, left + 1)).filter(
      ({ action }) => action !== 'deletions.verify',
    );
    await audit.verified(ours.tenantId);
  });
  afterAll(() => service.close());

  it('P23 tell of everything that was done, once each', () => {
    const counts: Record<string, number> = {};
    for (const { action } of events) counts[action] = (counts[action] ?? 0) + 1;
    expect(counts).toEqual(LEFT_BY_ALL);
  });

  it('P23 say by which token or operator, from where and in which request', () => {
    const byOperator = /^(tenants|quotas)\./;
    for (const event of events) {
      expect(event).toMatchObject({
        tenant_id: ours.tenantId,
        source: expect.stringContaining('127.0.0.1'),
        request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      });
      const first = event.action === 'tokens.create' && event.target === ours.tokenId;
      const operator = byOperator.test(event.action) || first;
      expect([event.action, event.actor]).toEqual([
        event.action,
        operator ? 'operator' : ours.tokenId,
      ]);
    }
  });

  it('P23 name a memory in whatever wrote, deleted or showed it', async () => {
    expect(await actionsNaming(done.other.id)).toEqual([
      'graph.link',
      'graph.neighbors',
      'graph.path',
      'graph.unlink',
      'memories.delete',
      'memories.list',
      'memories.read',
      'memories.search',
      'memories.search_batch',
      'memories.store',
    ]);
    for (const id of done.bulkIds) {
      expect(await actionsNaming(id, { action: 'memories.store' })).toEqual(['memories.store']);
    }
    const [shown] = await audit.events({
      tenant: ours.tenantId,
      memory: done.one.id,
      action: 'memories.search',
    });
    expect(shown?.memory_ids).toEqual(done.found.memories.map(({ id }) => id));
    expect(shown?.details).toEqual({ memories: done.found.memories.length });
  });

  it('P23 hold no text of a client and no secret, in any column', async () => {
    const kept = await askRaw(service, (ask) =>
      ask(`SELECT e::text AS row FROM audit_events e UNION ALL
        SELECT m::text FROM audit_memories m`),
    );
    const text = JSON.stringify([kept, events]);
    expect(kept.length).toBeGreaterThan(events.length);
    expect([CANARY, OPERATOR_TOKEN, ...done.secrets].filter((mark) => text.includes(mark))).toEqual(
      [],
    );
  });

  it('P23 are found by action, token and time, and by all of them', async () => {
    const tenant = ours.tenantId;
    const reads = await audit.events({ tenant, action: 'memories.read', token: ours.tokenId });
    expect(reads).toHaveLength(2);
    expect(await audit.events({ tenant, token: theirs.tokenId })).toEqual([]);
    const [second, first] = reads as [AuditEvent, AuditEvent];
    const action = 'memories.read';
    expect(await audit.events({ tenant, action, since: second.occurred_at })).toEqual([second]);
    expect(await audit.events({ tenant, action, until: second.occurred_at })).toEqual([first]);
    const all = { tenant, action, token: ours.tokenId, memory: done.one.id };
    expect(await audit.events(all)).toHaveLength(1);
    expect(await audit.events({ ...all, until: '2001-01-01T00:00:00Z' })).toEqual([]);
  });

  it('P23 are exported as they are listed, a line each, oldest first', async () => {
    const tenant = ours.tenantId;
    const listed = await audit.events({ tenant });
    const exported = await audit.exported({ tenant });
    const before = exported.filter(({ action }) => action !== 'audit.export');
    expect(before).toEqual(listed.toReversed());
    expect(await audit.exported({ tenant, memory: done.one.id, action: 'graph.path' })).toEqual(
      await audit.events({ tenant, memory: done.one.id, action: 'graph.path' }),
    );
    expect(await audit.awaited({ tenant, action: 'audit.export' }, 2)).toMatchObject([
      { actor: 'operator' },
      { actor: 'operator' },
    ]);
  });

  it('P23 are shown to nobody of another tenant', async () => {
    const own = new AuditReader(service, theirs.token);
    const ofTheirs = [...(await own.events({})), ...(await own.exported({}))];
    expect(new Set(ofTheirs.map(({ tenant_id: id }) => id))).toEqual(new Set([theirs.tenantId]));
    expect(await own.events({ memory: done.one.id })).toEqual([]);
    expect(await own.exported({ memory: done.one.id })).toEqual([]);
    expect(await own.events({ token: ours.tokenId })).toEqual([]);
    for (const tenant of [ours.tenantId, 'service']) {
      for (const path of ['', '/export', '/verify']) {
        expect(await theirs.get(`/admin/audit${path}?tenant=${tenant}`)).toMatchObject(
          problem('TENANT_NOT_FOUND'),
        );
      }
    }
  });

  it('P23 tell of an answer that was repeated, to whom', async () => {
    const key = { 'idempotency-key': 'audited-twice' };
    const body = { coord: '9', content: 'Once.' };
    const first = await ours.post<{ id: string }>('/memories', body, key);
    const again = await ours.post<{ id: string }>('/memories', body, key);
    expect(again.body).toEqual(first.body);
    expect(await actionsNaming(first.body.id)).toEqual(['answers.repeat', 'memories.store']);
  });

  it('P23 tell of a bulk in one event that names each memory', async () => {
    const memories = Array.from({ length: 200 }, (_, at) => ({
      coord: `7,${at}`,
      content: `n${at}`,
    }));
    const { results } = await ours.storeAll(memories);
    const ids = results.map(({ memory }) => memory?.id ?? '').toSorted();
    const [newest] = await audit.events({ tenant: ours.tenantId, action: 'memories.store' });
    expect(newest?.memory_ids.toSorted()).toEqual(ids);
    expect(newest?.details).toEqual({ memories: 200, versions: 0 });
  });

  it('P23 count refused tokens as a metric, and keep no event of a stranger', async () => {
    const metric = async () => {
      const { body } = await service.request<string>('GET', '/metrics');
      return Number(/soma_auth_refused_total\{reason="invalid"\} (\d+)/.exec(body)?.[1] ?? 0);
    };
    const events = async () => {
      const [row] = await askRaw(service, (ask) =>
        ask(`SELECT count(*)::int AS n FROM audit_events WHERE action <> 'deletions.verify'`),
      );
      return row?.['n'];
    };
    // What was shown before is written down a quarter of a second later, and deletions are verified in their turn.
    const [, kept] = await eventually(
      async () => [await events(), await sleep(500).then(events)],
      ([before, after]) => before === after,
    );
    const counted = await metric();
    for (let n = 0; n < 5; n++) {
      await service.request('GET', '/memories', { token: `soma_${'0'.repeat(16)}_nothing` });
    }
    expect(await metric()).toBe(counted + 5);
    expect(await events()).toEqual(kept);
  });

  it('P23 tell of commands to the whole service in a chain of its own', async () => {
    const body = { tenant: theirs.tenantId };
    const operator = { token: OPERATOR_TOKEN, body };
    expect((await service.request('POST', '/admin/reconcile', operator)).status).toBe(200);
    const [event] = await audit.awaited({ tenant: 'service', action: 'index.reconcile' }, 1);
    expect(event).toMatchObject({ actor: 'operator', target_kind: 'service', outcome: 'done' });
    expect(await audit.verified('service')).toMatchObject({ intact: true });
    expect(await audit.events({ tenant: ours.tenantId, action: 'index.reconcile' })).toEqual([]);
  });
});

describe('recalls', () => {
  const recalls = async (service: Service): Promise<string[]> => {
    const client = await service.tenant();
    const { id } = await client.store({ coord: '1', content: 'Shown.' });
    await client.search('shown');
    await client.post('/memories/search/batch', { searches: [{ query: 'shown' }] });
    await client.read(id);
    await client.list();
    const rows = await askRaw(service, (ask) =>
      ask(`SELECT action FROM audit_events
        WHERE tenant_id = '${client.tenantId}' AND '${id}' = ANY (memory_ids)`),
    );
    return rows.map(({ action }) => String(action)).filter((action) => RECALLS.includes(action));
  };

  it.each([
    ['strict', 'are kept before the answer goes out', RECALLS],
    ['off', 'are not kept', []],
  ])('P23 with %s %s', async (mode, _claim, expected) => {
    const service = await startService({ SOMA_AUDIT_RECALLS: mode });
    try {
      expect((await recalls(service)).toSorted()).toEqual(expected.toSorted());
    } finally {
      await service.close();
    }
  });
});
