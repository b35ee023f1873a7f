import {
  type Consolidated,
  HierarchyStore,
  type HierarchyTree,
  type MemorySources,
} from '@soma/consolidation';
import { groupingOf, groupItems, type HierarchyItem, isNode, nodeOver } from '@soma/hierarchy';
import type { Memory } from '@soma/memory';
import { memoryId, tenantId, TenantScope } from '@soma/core';
import { type ContextResponse, MemoryAncestry } from '@soma/search';
import type { Client } from './client.js';
import { ok, problem } from './http.js';
import { askRaw, tablesWith } from './raw-tables.js';
import { type Service, startService } from './service.js';

const TOPICS = ['the launch moved to March', 'the grey cat Miso eats', 'rain fell on the garden'];
const KEEP_IDS = ['deletion_memories', 'audit_events', 'audit_memories'];
const MINUTE = 60_000;
const START = Date.parse('2026-01-05T09:00:00Z');

/** A conversation a day, of turns a minute apart. */
const episode = (at: number, mark = '') => ({
  coord: `${at}`,
  content: `Turn ${at}: ${TOPICS[Math.floor(at / 5) % TOPICS.length]} ${mark || `number${at}`}.`,
  session_id: `session ${Math.floor(at / 20)}`,
  speaker: at % 2 === 0 ? 'Ann' : 'Bob',
  occurred_at: new Date(START + Math.floor(at / 20) * 1_440 * MINUTE + at * MINUTE).toISOString(),
});
const episodes = (count: number) => Array.from({ length: count }, (_, at) => episode(at));

describe('the hierarchy', () => {
  let service: Service;

  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.close());

  const consolidate = async (client: Client, body: object = {}): Promise<Consolidated> => {
    const done = await ok(client.post<Consolidated>('/hierarchy/consolidate', body));
    expect(done.done).toBe(true);
    return done;
  };
  const treeOf = async (client: Client, query = ''): Promise<HierarchyTree> =>
    ok(client.get<HierarchyTree>(`/hierarchy/tree?depth=12&limit=200&${query}`));
  const sourcesOf = async (client: Client, id: string, query = ''): Promise<MemorySources> =>
    ok(client.get<MemorySources>(`/memories/${id}/sources?limit=200&${query}`));

  /** Every node by what it stands on, in words that do not depend on ids. */
  async function shapeOf(client: Client): Promise<string[]> {
    const { nodes } = await treeOf(client);
    const byId = new Map(nodes.map((node) => [node.memory.id, node]));
    const leaves = (id: string): string[] => {
      const node = byId.get(id);
      if (!node) return [];
      return node.memory.tier === 0 && node.sources.length === 0
        ? [node.memory.coordinate]
        : node.sources.flatMap(leaves);
    };
    return nodes
      .filter(({ memory }) => memory.tier > 0)
      .map(({ memory }) => `${memory.tier}: ${leaves(memory.id).join(' ')} | ${memory.content}`)
      .sort();
  }

  /** What a rebuild of everything in memory gives. */
  async function expectedIds(client: Client, namespace = 'default'): Promise<string[]> {
    const store = service.provided(HierarchyStore);
    const scope = TenantScope.of(tenantId(client.tenantId));
    const all = await store.recent(scope, namespace, 'recent', 100_000);
    const vectors = await store.vectors(
      scope,
      all.map(({ id }) => id),
    );
    const nodes = new Set<string>();
    let items: HierarchyItem[] = all.map((item) => ({
      ...item,
      vector: vectors.get(item.id) ?? item.vector,
    }));
    // Level by level, with the vectors of the nodes that are stored.
    for (let tier = 0; items.length > 1 && tier < 12; tier += 1) {
      const made = buildOne(items, tier);
      const ids = made.filter(isNode).map(({ id }) => id);
      for (const id of ids) nodes.add(id);
      const own = await store.vectors(scope, ids);
      items = made.map((item) => ({ ...item, vector: own.get(item.id) ?? item.vector }));
    }
    return [...nodes].sort();
  }

  const idsOf = async (client: Client): Promise<string[]> =>
    (await treeOf(client)).nodes
      .filter(({ memory }) => memory.tier > 0)
      .map(({ memory }) => memory.id)
      .sort();

  it('P34 rolls episodes up into facts and summaries, to one root that says from when to when', async () => {
    const client = await service.tenant();
    await client.storeAll(episodes(60));
    const { created } = await consolidate(client);
    const { nodes } = await treeOf(client);
    const [root] = nodes;
    expect(nodes.filter(({ memory }) => memory.tier > 0)).toHaveLength(created);
    expect(root).toMatchObject({ depth: 0, parent_id: null, episodes: 60 });
    expect(root?.memory).toMatchObject({ memory_type: 'summary', embedding: 'ready', version: 1 });
    expect(root?.from).toBe(episode(0).occurred_at);
    expect(root?.to).toBe(episode(59).occurred_at);
    const facts = nodes.filter(({ memory }) => memory.tier === 1);
    for (const { memory, sources } of facts) {
      expect(memory.memory_type).toBe('semantic');
      expect(memory.payload).toMatchObject({ trust: 1, digest: { method: 'extractive' } });
      expect(sources.length).toBeGreaterThanOrEqual(2);
      expect(memory.content).toMatch(/(Ann|Bob): Turn/);
    }
    expect(await idsOf(client)).toEqual(await expectedIds(client));
  });

  it('P34 is the same tree in whatever order episodes came, and however often it ran', async () => {
    const [once, often] = [await service.tenant(), await service.tenant()];
    await once.storeAll(episodes(50));
    await consolidate(once);
    const order = episodes(50).sort(
      (a, b) => ((Number(a.coord) * 7) % 50) - ((Number(b.coord) * 7) % 50),
    );
    for (let from = 0; from < order.length; from += 10) {
      await often.storeAll(order.slice(from, from + 10));
      await consolidate(often);
    }
    expect(await shapeOf(often)).toEqual(await shapeOf(once));
    const before = await idsOf(often);
    expect(await consolidate(often)).toMatchObject({ created: 0, removed: 0 });
    expect(await idsOf(often)).toEqual(before);
    expect(before).toEqual(await expectedIds(often));
  });

  it('P32 consolidates a window: what was stored before it waits', async () => {
    const client = await service.tenant();
    const store = (namespace: string) =>
      client.storeAll(episodes(20).map((one) => ({ ...one, namespace })));
    await store('before');
    await askRaw(service, (ask) =>
      ask(`UPDATE hierarchy_marks SET marked_at = marked_at - interval '2 hours'
        WHERE tenant_id = '${client.tenantId}'`),
    );
    await store('within');
    const { namespaces } = await consolidate(client, { window_seconds: 3_600 });
    expect(namespaces.toSorted((a, b) => (a.namespace < b.namespace ? -1 : 1))).toMatchObject([
      { namespace: 'before', created: 0, waiting: 20 },
      { namespace: 'within', waiting: 0 },
    ]);
    const { nodes } = await treeOf(client, 'namespace=within');
    const facts = nodes.filter(({ memory }) => memory.tier === 1);
    expect(facts.length).toBeGreaterThan(0);
    for (const { memory } of facts) expect(memory.memory_type).toBe('semantic');
    expect(await consolidate(client, { window_seconds: 86_400 })).toMatchObject({
      namespaces: [{ namespace: 'before', waiting: 0 }],
    });
  });

  it('P34 changes few nodes for an episode more, a changed one and a moved one', async () => {
    const client = await service.tenant();
    await client.storeAll(episodes(200));
    const { created } = await consolidate(client);
    await client.store({ ...episode(87), coord: '1000', content: 'Ann came late to the call.' });
    const more = await consolidate(client);
    expect(more.created).toBeGreaterThan(0);
    expect(more.created).toBeLessThan(created / 3);
    expect(await idsOf(client)).toEqual(await expectedIds(client));
    await ok(client.patch('/memories/15', { content: 'Something else was said.' }));
    await ok(client.patch('/memories/40', { session_id: 'session 0' }));
    await consolidate(client);
    expect(await idsOf(client)).toEqual(await expectedIds(client));
  });

  it('P34 deletes what quotes a deleted memory with it, and builds it anew without', async () => {
    const client = await service.tenant();
    await client.storeAll(episodes(45));
    const mark = 'zyxwvutsecret';
    const secret = await client.store({ ...episode(7, mark), coord: '7' });
    await consolidate(client);
    const quoting = (await treeOf(client)).nodes.filter(({ memory }) =>
      memory.content.includes(mark),
    );
    expect(quoting.length).toBeGreaterThan(1);
    await ok(client.delete('/memories/7'), 204);
    // The receipt has the id until it has been looked for everywhere, the audit for good; neither a word.
    const left = await tablesWith(service, [mark, secret.id]);
    expect(left.filter((name) => !KEEP_IDS.includes(name))).toEqual([]);
    expect(await tablesWith(service, [mark])).toEqual([]);
    for (const { memory } of quoting) {
      if (memory.id === secret.id) continue;
      expect(await client.get(`/memories/${memory.id}`)).toMatchObject(problem('MEMORY_NOT_FOUND'));
    }
    await consolidate(client);
    const shape = await shapeOf(client);
    expect(shape.join()).not.toContain(mark);
    expect(await idsOf(client)).toEqual(await expectedIds(client));
    const fresh = await service.tenant();
    await fresh.storeAll(episodes(45).filter(({ coord }) => coord !== '7'));
    await consolidate(fresh);
    expect(await shapeOf(fresh)).toEqual(shape);
  });

  it('P34 takes all of it down when nothing is left to stand on', async () => {
    const client = await service.tenant();
    await client.storeAll(episodes(30));
    await consolidate(client);
    await client.deleteBy({ filter: { importance: { gte: 0 } } });
    await consolidate(client);
    expect((await treeOf(client)).nodes).toEqual([]);
    await client.storeAll(episodes(1));
    await consolidate(client);
    expect((await treeOf(client)).nodes).toEqual([]);
  });

  it('P34 shows what a memory was drawn from, and what was drawn from it', async () => {
    const [client, other] = [await service.tenant(), await service.tenant()];
    await client.storeAll(episodes(45));
    await consolidate(client);
    const { nodes } = await treeOf(client);
    const fact = nodes.find(({ memory }) => memory.tier === 1);
    if (!fact) throw new Error('There is no node.');
    const down = await sourcesOf(client, fact.memory.id);
    expect(down.sources.map(({ memory }) => memory.id)).toEqual(fact.sources);
    expect(down.sources.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 9);
    const up = await sourcesOf(client, fact.sources[0] ?? '', 'direction=up&depth=12');
    expect(up.sources[0]?.memory.id).toBe(fact.memory.id);
    expect(up.sources.at(-1)?.memory.id).toBe(nodes[0]?.memory.id);
    expect(await other.get(`/memories/${fact.memory.id}/sources`)).toMatchObject(
      problem('MEMORY_NOT_FOUND'),
    );
    expect(await other.get(`/hierarchy/tree?root=${fact.memory.id}`)).toMatchObject(
      problem('MEMORY_NOT_FOUND'),
    );
    expect((await treeOf(other)).nodes).toEqual([]);
  });

  describe('in a context for a prompt', () => {
    const asked = { query: 'What did Ann say of the launch and the cat Miso?' };
    const packed = (client: Client, body: object) =>
      ok(client.post<ContextResponse>('/memories/context', { ...asked, ...body }));

    it('P6 packs digests when asked to, and never one beside what it was drawn from', async () => {
      const client = await service.tenant();
      await client.storeAll(episodes(60));
      await consolidate(client);
      const tiers = new Set<number>();
      // Episodes score above digests, so that those of one session alone leave room for any.
      const filter = { or: [{ session_id: 'session 0' }, { speaker: { exists: false } }] };
      for (const max_tokens of [64, 256, 1_024, 8_192]) {
        const { parts } = await packed(client, { max_tokens, tiers: 'all', filter });
        const taken = new Set(parts.flatMap(({ memory_ids }) => memory_ids));
        for (const part of parts) tiers.add(part.tier);
        for (const { tier, memory_ids } of parts) {
          if (tier === 0) continue;
          const { sources } = await sourcesOf(client, memory_ids[0] ?? '', 'depth=12');
          expect(sources.length).toBeGreaterThan(0);
          for (const { memory } of sources) expect(taken).not.toContain(memory.id);
        }
      }
      expect(tiers.size).toBeGreaterThan(1);
      const stored = await packed(client, { max_tokens: 8_192, filter });
      expect(new Set(stored.parts.map(({ tier }) => tier))).toEqual(new Set([0]));
    });

    it('P6 says of a digest from when to when it tells', async () => {
      const client = await service.tenant();
      await client.storeAll(episodes(60));
      await consolidate(client);
      const { parts } = await packed(client, { filter: { tier: { gte: 2 } } });
      const { nodes } = await treeOf(client);
      expect(parts.length).toBeGreaterThan(0);
      for (const { memory_ids, from, to } of parts) {
        const node = nodes.find(({ memory }) => memory.id === memory_ids[0]);
        expect({ from, to }).toEqual({ from: node?.from, to: node?.to });
      }
    });

    it('knows nothing of what stands on the memories of another tenant', async () => {
      const [ours, theirs] = [await service.tenant(), await service.tenant()];
      await ours.storeAll(episodes(20));
      await consolidate(ours);
      const { nodes } = await treeOf(ours);
      const ids = nodes.map(({ memory }) => memoryId(memory.id));
      const ancestry = service.provided(MemoryAncestry);
      const scopeOf = ({ tenantId: id }: Client) => TenantScope.of(tenantId(id));
      const known = await ancestry.ancestorsAmong(scopeOf(ours), ids);
      for (const { memory, parent_id: parent } of nodes) {
        if (parent !== null) expect(known.get(memoryId(memory.id))).toContain(parent);
      }
      expect(await ancestry.ancestorsAmong(scopeOf(theirs), ids)).toEqual(new Map());
      expect((await packed(theirs, { tiers: 'all' })).parts).toEqual([]);
    });
  });

  describe('beside what was stored', () => {
    let client: Client;
    beforeAll(async () => {
      client = await service.tenant();
      await client.storeAll(episodes(40));
    });

    it('P34 leaves searches, lists, counts and quotas as they were', async () => {
      const asked = { top_k: 10, at: '2026-06-01T00:00:00Z' };
      const seen = async () => {
        const [found, listed, stats] = await Promise.all([
          client.search('grey cat Miso', asked),
          client.list('limit=200'),
          client.settledStats(),
        ]);
        const usage = await ok(
          client.get<{ kept: unknown }>(`/admin/tenants/${client.tenantId}/quotas`),
        );
        return {
          found: found.memories.map(({ id, score }) => ({ id, score })),
          listed: listed.memories.map(({ id }) => id),
          stats,
          usage,
        };
      };
      const before = await seen();
      await consolidate(client);
      expect(await seen()).toEqual(before);
    });

    it('P34 finds and lists nodes when the filter asks for tiers', async () => {
      const found = await client.search('grey cat Miso', { filter: { tier: { gte: 1 } } });
      expect(found.memories.length).toBeGreaterThan(0);
      for (const { tier } of found.memories) expect(tier).toBeGreaterThanOrEqual(1);
      const facts = await client.list('memory_type=semantic');
      expect(facts.memories.length).toBeGreaterThan(0);
      const other = await service.tenant();
      const theirs = await other.search('grey cat Miso', { filter: { tier: { gte: 1 } } });
      expect(theirs.memories).toEqual([]);
    });

    it('refuses to change a node, by id or by its coordinate', async () => {
      const [node] = (await client.list('memory_type=semantic')).memories as [Memory];
      const body = { content: 'planted' };
      expect(await client.patch(`/memories/${node.id}`, body)).toMatchObject(
        problem('MEMORY_DERIVED'),
      );
      expect(await client.post('/memories', { ...body, coord: node.coordinate })).toMatchObject(
        problem('MEMORY_DERIVED'),
      );
    });
  });
});

function buildOne(items: readonly HierarchyItem[], tier: number): HierarchyItem[] {
  return groupItems(items, groupingOf(tier)).flatMap((group) =>
    group.length === 1 ? group : [nodeOver(group, tier + 1)],
  );
}
