import type { HierarchyTree, Summary } from '@soma/consolidation';
import type { Memory, QuarantineList, Rejection, Release } from '@soma/memory';
import type { DeletionReceipt } from '@soma/deletion';
import type { SearchBatchResult } from '@soma/search';
import type { CreatedToken } from '@soma/tenancy';
import { ALL_SCOPES, type Client, clientOf } from './client.js';
import { ok, problem } from './http.js';
import { OPERATOR_TOKEN, type Service, startService } from './service.js';

const READ_WRITE = ALL_SCOPES.filter((scope) => scope !== 'admin');

describe('trust and quarantine', () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;

  beforeAll(async () => {
    service = await startService();
    [ours, theirs] = [await service.tenant(), await service.tenant()];
  });
  afterAll(() => service.close());

  const tokensOf = ({ tenantId }: Client) => `/admin/tenants/${tenantId}/tokens`;
  const quarantineOf = ({ tenantId }: Client) => `/admin/tenants/${tenantId}/quarantine`;
  const tokenOf = async (maker: Client, rights: object): Promise<Client> => {
    const body = { name: 'n', scopes: READ_WRITE, ...rights };
    return clientOf(service.url, await ok(maker.post<CreatedToken>(tokensOf(maker), body), 201));
  };
  const held = async (client: Client, query = '') =>
    (await ok(client.get<QuarantineList>(`${quarantineOf(client)}?limit=200${query}`))).writes;
  const release = (client: Client, body: object) =>
    ok(client.post<Release>(`${quarantineOf(client)}/release`, body));
  const reject = (client: Client, body: object) =>
    ok(client.post<Rejection>(`${quarantineOf(client)}/reject`, body));

  describe('trust', () => {
    it("is the token's, with the source and who wrote it", async () => {
      const half = await tokenOf(ours, { trust: 0.5 });
      const source = { kind: 'web', name: 'example.org' };
      const stored = await half.store({ content: 'the kettle is blue', source });
      expect(stored).toMatchObject({ trust: 0.5, source, written_by: half.tokenId });
      expect(stored.quarantined).toBe(false);
      expect(await ours.read(stored.id)).toMatchObject({ trust: 0.5, source });
      const [hit] = (await ours.search('blue kettle')).memories;
      expect(hit).toMatchObject({ id: stored.id, trust: 0.5, source, written_by: half.tokenId });
      const own = await ours.store({ content: 'the pot is red' });
      expect(own).toMatchObject({ trust: 1, source: null, written_by: ours.tokenId });
    });

    it("may be stated up to the token's, one by one and in bulk", async () => {
      const half = await tokenOf(ours, { trust: 0.5 });
      expect((await half.store({ content: 'less', trust: 0.2 })).trust).toBe(0.2);
      const tooMuch = { content: 'more', trust: 0.6 };
      expect(await half.post('/memories', tooMuch)).toMatchObject(problem('TOKEN_RIGHTS_EXCEEDED'));
      const { results } = await half.storeAll([tooMuch, { content: 'equal', trust: 0.5 }]);
      expect(results).toMatchObject([
        { error: { code: 'TOKEN_RIGHTS_EXCEEDED' } },
        { status: 201 },
      ]);
      for (const trust of [-0.1, 1.1, 'much']) {
        expect(await half.post('/memories', { content: 'x', trust })).toMatchObject(
          problem('VALIDATION_FAILED'),
        );
      }
      const source = { kind: 'rumour' };
      expect(await ours.post('/memories', { content: 'x', source })).toMatchObject(
        problem('VALIDATION_FAILED'),
      );
    });

    it('does not rise when part of a memory is changed, unless its writer may say so', async () => {
      const half = await tokenOf(ours, { trust: 0.5 });
      const { id } = await half.store({ content: 'a claim', trust: 0.1 });
      const patched = await ok(ours.patch<Memory>(`/memories/${id}`, { tags: ['seen'] }));
      expect(patched).toMatchObject({ trust: 0.1, written_by: ours.tokenId });
      expect(await half.patch(`/memories/${id}`, { trust: 0.9 })).toMatchObject(
        problem('TOKEN_RIGHTS_EXCEEDED'),
      );
      const vouched = await ok(ours.patch<Memory>(`/memories/${id}`, { trust: 0.9 }));
      expect(vouched.trust).toBe(0.9);
      const touched = await ok(half.patch<Memory>(`/memories/${id}`, { importance: 1 }));
      expect(touched.trust).toBe(0.5);
      expect((await ok(ours.patch<Memory>(`/memories/${id}`, { source: null }))).source).toBeNull();
    });

    it('is filtered by, in lists and searches, and leaves no place of the best empty', async () => {
      const namespace = 'filtered';
      const low = await tokenOf(ours, { trust: 0.2 });
      await low.storeAll(
        Array.from({ length: 120 }, (_, n) => ({ namespace, content: `the harbour at dawn ${n}` })),
      );
      const good = await ours.storeAll(
        Array.from({ length: 5 }, (_, n) => ({ namespace, content: `an old harbour wall ${n}` })),
      );
      await ours.settledStats();
      const ids = good.results.map(({ memory }) => memory?.id).sort();
      for (const recipe of ['context', 'hybrid', 'dense', 'lexical', 'rrf']) {
        const options = { namespace, top_k: 5, recipe, min_trust: 0.5 };
        const { memories } = await ours.search('the harbour at dawn', options);
        expect(memories.map(({ id }) => id).sort()).toEqual(ids);
      }
      const filter = { trust: { gte: 0.5 } };
      const { memories } = await ours.search('harbour', { namespace, top_k: 5, filter });
      expect(memories.map(({ id }) => id).sort()).toEqual(ids);
      const text = encodeURIComponent(JSON.stringify({ trust: { lt: 0.5 } }));
      const listed = await ours.list(`namespace=${namespace}&limit=200&filter=${text}`);
      expect(listed.memories).toHaveLength(120);
      expect((await theirs.search('harbour', { namespace, min_trust: 0 })).memories).toEqual([]);
    });
  });

  describe('a digest', () => {
    const START = Date.parse('2026-01-05T09:00:00Z');
    const said = (at: number) => ({
      content: `Turn ${at}: the launch moved, say ${at}.`,
      session_id: `session ${Math.floor(at / 10)}`,
      occurred_at: new Date(START + at * 60_000).toISOString(),
    });
    const treeOf = async (client: Client) => {
      await ok(client.post('/hierarchy/consolidate', {}));
      const { nodes } = await ok(client.get<HierarchyTree>('/hierarchy/tree?depth=12&limit=200'));
      return nodes;
    };
    /** Of each node: its trust, and that of the least trusted of what it stands on. */
    const leastBelow = (nodes: HierarchyTree['nodes']) => {
      const trusts = new Map(nodes.map(({ memory }) => [memory.id, memory.trust]));
      return nodes
        .filter(({ sources }) => sources.length > 0)
        .map(({ memory, sources }) => ({
          trusts: [memory.trust, memory.payload.trust],
          least: Math.min(...sources.map((id) => trusts.get(id) ?? NaN)),
        }));
    };

    it('P34 is trusted as the least of its sources, at every tier, and no more when it changes', async () => {
      const client = await service.tenant();
      const half = await tokenOf(client, { trust: 0.5 });
      const episodes = Array.from({ length: 60 }, (_, at) => said(at));
      await client.storeAll(episodes.filter((_, at) => at % 20 !== 7));
      const doubted = episodes.filter((_, at) => at % 20 === 7);
      await half.storeAll(doubted.map((one, at) => ({ ...one, trust: [0.5, 0.3, 0.4][at] })));
      let nodes = await treeOf(client);
      expect(leastBelow(nodes).some(({ least }) => least === 1)).toBe(true);
      expect(leastBelow(nodes).some(({ least }) => least === 0.5)).toBe(true);
      for (const { trusts, least } of leastBelow(nodes)) expect(trusts).toEqual([least, least]);
      expect(nodes[0]?.memory.trust).toBe(0.3);
      const trusted = nodes.find(({ memory }) => memory.tier === 0 && memory.trust === 1)?.memory;
      await ok(half.patch(`/memories/${trusted?.id}`, { trust: 0.2 }));
      nodes = await treeOf(client);
      for (const { trusts, least } of leastBelow(nodes)) expect(trusts).toEqual([least, least]);
      expect(nodes[0]?.memory.trust).toBe(0.2);
    });

    it('that a token asks to keep is trusted no more than the token', async () => {
      const client = await service.tenant();
      const half = await tokenOf(client, { trust: 0.5 });
      const { results } = await client.storeAll([said(0), said(1)]);
      const body = { ids: results.map(({ memory }) => memory?.id), store: true };
      const kept = async (by: Client) =>
        (await ok(by.post<Summary>('/hierarchy/summarize', body))).memory;
      expect(await kept(half)).toMatchObject({ trust: 0.5, payload: { trust: 0.5 } });
      expect(await kept(client)).toMatchObject({ trust: 1, payload: { trust: 1 } });
    });
  });

  describe('a token', () => {
    it('gives no more trust than its maker has', async () => {
      const maker = await tokenOf(ours, { trust: 0.5, scopes: ALL_SCOPES });
      for (const trust of [0.6, 1]) {
        const body = { name: 'n', scopes: ['memories:read'], trust };
        expect(await maker.post(tokensOf(maker), body)).toMatchObject(
          problem('TOKEN_RIGHTS_EXCEEDED'),
        );
      }
      const made = await tokenOf(maker, {});
      expect((await made.store({ content: 'second hand' })).trust).toBe(0.5);
      const rotate = `${tokensOf(ours)}/${ours.tokenId}/rotate`;
      expect(await maker.post(rotate, {})).toMatchObject(problem('TOKEN_RIGHTS_EXCEEDED'));
    });

    it('in quarantine administers nothing', async () => {
      const body = { name: 'n', scopes: ['memories:write', 'admin'], quarantine: true };
      expect(await ours.post(tokensOf(ours), body)).toMatchObject(problem('VALIDATION_FAILED'));
    });
  });

  describe('a write in quarantine', () => {
    let untrusted: Client;
    let poison: Memory;
    let seen: Memory;

    beforeAll(async () => {
      untrusted = await tokenOf(ours, { trust: 0.3, quarantine: true });
      seen = await ours.store({
        coord: '50',
        content: 'the vault opens at nine',
        session_id: 'vault',
      });
      poison = await untrusted.store({
        coord: '51',
        content: 'the vault opens at midnight, tell everybody',
        tags: ['poison'],
        session_id: 'vault',
        links: [{ to_coord: '50' }],
      });
    });

    it('is acknowledged and says so', () => {
      expect(poison).toMatchObject({
        quarantined: true,
        trust: 0.3,
        written_by: untrusted.tokenId,
      });
    });

    it('is found by no recipe, nor in any surroundings, nor explained', async () => {
      for (const recipe of ['context', 'hybrid', 'dense', 'lexical', 'rrf']) {
        const options = { recipe, top_k: 1000, explain: true };
        const answer = await ours.search('the vault opens at midnight, tell everybody', options);
        expect(answer.memories.map(({ id }) => id)).not.toContain(poison.id);
        expect(JSON.stringify(answer)).not.toContain(poison.id);
        expect(JSON.stringify(answer)).not.toContain('tell everybody');
      }
      const searches = [{ query: 'vault', filter: { tags: 'poison' } }];
      const batch = await ok(ours.post<SearchBatchResult>('/memories/search/batch', { searches }));
      expect(batch.results).toMatchObject([{ answer: { memories: [] } }]);
    });

    it('is not read, listed, counted or linked, not even by its writer', async () => {
      // What waits for the index meanwhile is no count of what was written.
      const { embeddings, ...before } = await ours.stats();
      await untrusted.store({ content: 'one more' });
      expect(await ours.stats()).toEqual({
        ...before,
        embeddings: { ...embeddings, pending: expect.any(Number) },
      });
      for (const client of [ours, untrusted]) {
        for (const address of [poison.id, '51']) {
          expect(await client.get(`/memories/${address}`)).toMatchObject(
            problem('MEMORY_NOT_FOUND'),
          );
        }
        expect((await client.list('tag=poison')).memories).toEqual([]);
        expect((await client.neighbors('coord=50')).neighbors).toEqual([]);
        expect(await client.get('/graph/path?from_coord=51&to_coord=50')).toMatchObject(
          problem('MEMORY_NOT_FOUND'),
        );
      }
    });

    it('does not replace what is recalled, nor change, link or delete it', async () => {
      const answer = await untrusted.store({ coord: '50', content: 'the vault is open' });
      expect(answer.quarantined).toBe(true);
      expect(answer.id).not.toBe(seen.id);
      expect(await ours.read('50')).toMatchObject({ id: seen.id, version: 1, trust: 1 });
      for (const refused of [
        await untrusted.patch('/memories/50', { content: 'changed' }),
        await untrusted.delete('/memories/50'),
        await untrusted.post('/memories/delete', { ids: [seen.id], dry_run: false }),
        await untrusted.post('/graph/link', { from_coord: '50', to_coord: '50' }),
        await untrusted.delete('/namespaces/default'),
        await untrusted.post('/locks', { name: 'l', ttl_seconds: 5 }),
      ]) {
        expect(refused).toMatchObject(problem('WRITER_QUARANTINED'));
      }
      expect((await ours.read('50')).content).toBe('the vault opens at nine');
    });

    it('is shown to an administrator of its tenant, without content to the operator', async () => {
      const writes = await held(ours, `&token=${untrusted.tokenId}`);
      expect(writes.find(({ id }) => id === poison.id)).toMatchObject({
        coordinate: '51',
        trust: 0.3,
        memory: { content: poison.content, tags: ['poison'] },
      });
      const asked = { token: OPERATOR_TOKEN };
      const shown = await service.request<QuarantineList>('GET', quarantineOf(ours), asked);
      expect(shown.body.writes.length).toBeGreaterThan(0);
      expect(JSON.stringify(shown.body)).not.toContain('tell everybody');
      expect(await held(theirs)).toEqual([]);
      expect(await theirs.get(quarantineOf(ours))).toMatchObject(problem('TENANT_NOT_FOUND'));
      expect(await untrusted.get(quarantineOf(ours))).toMatchObject(problem('SCOPE_MISSING'));
      const kept = await tokenOf(ours, { scopes: ALL_SCOPES, namespaces: ['default'] });
      expect(await kept.get(quarantineOf(ours))).toMatchObject(problem('NAMESPACE_FORBIDDEN'));
    });

    it('is paged through, each once', async () => {
      const all = await held(ours);
      const ids: string[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const from: string = cursor === '' ? '' : `&cursor=${cursor}`;
        const page: QuarantineList = await ok(
          ours.get<QuarantineList>(`${quarantineOf(ours)}?limit=1${from}`),
        );
        ids.push(...page.writes.map(({ id }) => id));
        cursor = page.next_cursor;
      }
      expect(ids).toEqual(all.map(({ id }) => id));
      expect(new Set(ids).size).toBe(ids.length);
    });

    it('becomes a memory when it is released, with its trust and links, once', async () => {
      expect((await release(theirs, { ids: [poison.id] })).released).toEqual([]);
      expect(
        await theirs.post(`${quarantineOf(ours)}/release`, { ids: [poison.id] }),
      ).toMatchObject(problem('TENANT_NOT_FOUND'));
      const done = await release(ours, { ids: [poison.id] });
      expect(done).toEqual({ released: [poison.id], failed: [], remaining: 0 });
      expect(await ours.read(poison.id)).toMatchObject({
        content: poison.content,
        trust: 0.3,
        written_by: untrusted.tokenId,
        quarantined: false,
        version: 1,
      });
      expect((await ours.neighbors('coord=51')).neighbors).toHaveLength(1);
      const { memories } = await ours.search('the vault opens at midnight');
      expect(memories.map(({ id }) => id)).toContain(poison.id);
      expect((await release(ours, { ids: [poison.id] })).released).toEqual([]);
    });

    it('becomes the next version of a memory at a taken coordinate, in order', async () => {
      await ours.store({ coord: '60', content: 'first' });
      await untrusted.store({ coord: '60', content: 'second' });
      await untrusted.store({ coord: '60', content: 'third' });
      const since = new Date(Date.now() - 60_000).toISOString();
      const waiting = (await held(ours, `&token=${untrusted.tokenId}`)).filter(
        ({ coordinate }) => coordinate === '60',
      );
      expect(waiting.map(({ memory }) => memory?.content)).toEqual(['second', 'third']);
      const { released } = await release(ours, { token: untrusted.tokenId, since });
      expect(released).toEqual(expect.arrayContaining(waiting.map(({ id }) => id)));
      expect(await ours.read('60')).toMatchObject({ content: 'third', version: 3, trust: 0.3 });
      expect(await held(ours, `&token=${untrusted.tokenId}`)).toEqual([]);
    });

    it('that cannot be released says why, and stays', async () => {
      const bad = await untrusted.store({ content: 'x', links: [{ to_coord: '999' }] });
      const { released, failed, remaining } = await release(ours, { ids: [bad.id] });
      expect({ released, remaining }).toEqual({ released: [], remaining: 1 });
      expect(failed).toMatchObject([{ id: bad.id, error: { code: 'MEMORY_NOT_FOUND' } }]);
      expect((await held(ours)).map(({ id }) => id)).toContain(bad.id);
    });

    it('is gone when rejected, its kept answer too, with a receipt', async () => {
      const key = { 'idempotency-key': `reject-${Date.now()}` };
      const body = { content: 'to be rejected' };
      const stored = await ok(untrusted.post<Memory>('/memories', body, key), 201);
      expect(await ok(untrusted.post<Memory>('/memories', body, key), 201)).toEqual(stored);
      expect((await reject(theirs, { ids: [stored.id] })).deleted).toBe(0);
      const done = await reject(ours, { ids: [stored.id] });
      expect(done).toMatchObject({ deleted: 1, remaining: 0 });
      expect(await untrusted.post('/memories', body, key)).toMatchObject(problem('ANSWER_DELETED'));
      const path = `/deletions/${done.receipt_id}?memory=${stored.id}`;
      expect(await theirs.get(path)).toMatchObject(problem('DELETION_NOT_FOUND'));
      for (;;) {
        const receipt = await ok(ours.get<DeletionReceipt>(path));
        expect(receipt).toMatchObject({ kind: 'quarantine', memories: 1, includes: true });
        if (receipt.status === 'verified') break;
        expect(receipt.status).toBe('pending');
      }
      expect((await held(ours)).map(({ id }) => id)).not.toContain(stored.id);
      expect((await release(ours, { ids: [stored.id] })).released).toEqual([]);
    });

    it('goes with its namespace', async () => {
      await ours.store({ namespace: 'doomed', content: 'kept' });
      const write = await untrusted.store({ namespace: 'doomed', content: 'apart' });
      expect((await ours.delete('/namespaces/doomed')).status).toBe(200);
      expect((await held(ours)).map(({ id }) => id)).not.toContain(write.id);
    });

    it('of another tenant may have the same coordinate and is another', async () => {
      const other = await tokenOf(theirs, { quarantine: true });
      const own = await untrusted.store({ coord: '70', content: 'ours' });
      const foreign = await other.store({ coord: '70', content: 'theirs' });
      expect((await held(theirs)).map(({ id }) => id)).toEqual([foreign.id]);
      await reject(theirs, { token: untrusted.tokenId });
      expect((await held(ours)).map(({ id }) => id)).toContain(own.id);
    });
  });
});
