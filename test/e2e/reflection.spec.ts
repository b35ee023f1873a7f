import { randomBytes } from 'node:crypto';
import type { Consolidated, HierarchyTree, Reflection, Summary } from '@soma/consolidation';
import type { CreatedToken } from '@soma/tenancy';
import { type Client, clientOf } from './client.js';
import { operatorOf } from './encryption/operator.js';
import { eventually } from './eventually.js';
import { ok, problem } from './http.js';
import { tablesWith } from './raw-tables.js';
import { OPERATOR_TOKEN, type Service, startService } from './service.js';
import { createOwnStack, type OwnStack } from './stack.js';

const SECRET = 'canaryobsidiantern';
const at = (minute: number): string => new Date(Date.UTC(2026, 0, 5, 9, minute)).toISOString();
const talk = (word: string) =>
  Array.from({ length: 12 }, (_, n) => ({
    coord: `${n}`,
    content: `The ${word} of hour ${n} was told.`,
    session_id: `session ${Math.floor(n / 6)}`,
    occurred_at: at(n),
  }));

describe('digests', () => {
  let stack: OwnStack;
  let service: Service;
  let client: Client;
  let other: Client;

  beforeAll(async () => {
    stack = await createOwnStack();
    service = await startService({
      ...stack.settings,
      SOMA_ENCRYPTION_KEYS: `tree:${randomBytes(32).toString('base64')}`,
      SOMA_CONSOLIDATE_INTERVAL_S: '1',
      SOMA_CONSOLIDATE_AFTER_CHANGES: '10',
    });
    [client, other] = [await service.tenant(), await service.tenant()];
  });
  afterAll(async () => {
    await service.close();
    await stack.drop();
  });

  const treeOf = (of: Client, query = ''): Promise<HierarchyTree> =>
    ok(of.get<HierarchyTree>(`/hierarchy/tree?depth=12&${query}`));

  it('P31 reflect says what the latest episodes have in common, and writes nothing', async () => {
    await client.storeAll(talk('lantern').map((one) => ({ ...one, namespace: 'reflect' })));
    const body = { namespace: 'reflect', n: 8 };
    const seen = await ok(client.post<Reflection>('/hierarchy/reflect', body));
    expect(seen.looked_at).toBe(8);
    expect(seen.groups.flatMap(({ memory_ids: ids }) => ids)).toHaveLength(8);
    for (const { text, cited, memory_ids: ids, memory } of seen.groups) {
      expect(text).toContain('lantern');
      expect(ids).toEqual(expect.arrayContaining(cited));
      expect(memory).toBeNull();
    }
    expect(await ok(client.post('/hierarchy/reflect', body))).toEqual(seen);
    expect(await ok(other.post('/hierarchy/reflect', body))).toEqual({ looked_at: 0, groups: [] });
  });

  it('P33 summarize cites what it was drawn from, and keeps it only when asked to', async () => {
    const [first, second] = [
      await client.store({ namespace: 'sum', content: 'Ada bought a red boat.', tags: ['boat'] }),
      await client.store({ namespace: 'sum', content: 'The boat needs paint.', tags: ['boat'] }),
    ];
    const ids = [first.id, second.id];
    const summary = await ok(
      client.post<Summary>('/hierarchy/summarize', { namespace: 'sum', ids }),
    );
    expect(summary).toEqual({
      text: 'Ada bought a red boat. The boat needs paint.',
      memory_ids: ids,
      cited: ids,
      method: 'extractive',
      memory: null,
    });
    const body = { namespace: 'sum', filter: { tags: 'boat' }, store: true };
    const headers = { 'idempotency-key': 'summary-1' };
    const kept = await ok(client.post<Summary>('/hierarchy/summarize', body, headers));
    expect(kept.memory).toMatchObject({ memory_type: 'summary', content: summary.text });
    expect(await ok(client.post('/hierarchy/summarize', body, headers))).toMatchObject({
      memory: { id: kept.memory?.id },
    });
    const asked = { namespace: 'sum', filter: { tier: { gte: 2 } } };
    const found = await client.search('boat', asked);
    expect(found.memories.map(({ id }) => id)).toEqual([kept.memory?.id]);
    await ok(client.delete(`/memories/${first.id}`), 204);
    expect(await client.get(`/memories/${kept.memory?.id}`)).toMatchObject(
      problem('MEMORY_NOT_FOUND'),
    );
    const theirs = { namespace: 'sum', ids: [second.id] };
    expect(await other.post('/hierarchy/summarize', theirs)).toMatchObject(
      problem('MEMORY_NOT_FOUND'),
    );
  });

  it('P34 consolidates by itself what is due', async () => {
    await client.storeAll(talk('kettle').map((one) => ({ ...one, namespace: 'auto' })));
    await other.store({ content: 'Alone.', namespace: 'auto' });
    await eventually(
      () => treeOf(client, 'namespace=auto'),
      ({ nodes }) => nodes[0]?.episodes === 12,
    );
    expect((await treeOf(other, 'namespace=auto')).nodes).toEqual([]);
  });

  it('P38 seals what nodes of an encrypted tenant say', async () => {
    const sealed = await service.tenant();
    await operatorOf(service).encrypt(sealed.tenantId, 'all');
    await sealed.storeAll(talk(SECRET));
    await ok(sealed.post('/hierarchy/consolidate', {}));
    const { nodes } = await treeOf(sealed);
    expect(nodes[0]?.memory.content).toContain(SECRET);
    expect(await tablesWith(service, [SECRET])).toEqual([]);
  });

  it('P41 shows a token that is kept to namespaces the hierarchy of those alone', async () => {
    await client.storeAll(talk('kept').map((one) => ({ ...one, namespace: 'kept' })));
    const path = `/admin/tenants/${client.tenantId}/tokens`;
    const created = await ok(
      service.request<CreatedToken>('POST', path, {
        token: OPERATOR_TOKEN,
        body: {
          name: 'kept',
          scopes: ['memories:read', 'memories:write'],
          namespaces: ['kept'],
        },
      }),
      201,
    );
    const narrow = clientOf(service.url, created);
    const done = await ok(narrow.post<Consolidated>('/hierarchy/consolidate', {}));
    expect(done.namespaces.map(({ namespace }) => namespace)).not.toContain('reflect');
    const { nodes } = await treeOf(narrow, 'namespace=kept');
    expect(nodes[0]).toMatchObject({ episodes: 12 });
    const asked = { namespace: 'kept', filter: { tier: { gte: 1 } } };
    expect((await narrow.search('kept', asked)).memories.length).toBeGreaterThan(0);
    expect(await narrow.get('/hierarchy/tree?namespace=auto')).toMatchObject(
      problem('NAMESPACE_FORBIDDEN'),
    );
  });
});
