import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeletionReceipt } from '@soma/deletion';
import type { Memory } from '@soma/memory';
import type { Duplicates, MergedList, Unmerged } from '@soma/merging';
import type { CreatedToken } from '@soma/tenancy';
import { ALL_SCOPES, clientOf } from './client.js';
import { ok, problem } from './http.js';
import { askRaw, tablesWith } from './raw-tables.js';
import { type Client, type Service, startService } from './service.js';
import { soma, somaJson } from './soma-command.js';
import { everyMemory } from './tenant-picture.js';

const SAME = 'The user prefers dark mode in the editor';
const NEARLY = 'the user prefers  dark mode in the editor!';
const OTHER = 'The train to the coast leaves at nine';

describe('merging', () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;

  beforeAll(async () => {
    service = await startService({ SOMA_CONSOLIDATE_INTERVAL_S: '0' });
  });
  beforeEach(async () => {
    [ours, theirs] = [await service.tenant(), await service.tenant()];
  });
  afterAll(() => service.close());

  const step = (client: Client, body: object = {}) =>
    client.post<Duplicates>('/hierarchy/duplicates', body);
  const run = async (client: Client, body: object = {}): Promise<Duplicates['clusters']> => {
    const clusters: Duplicates['clusters'] = [];
    let cursor: string | null | undefined;
    do {
      const found: Duplicates = await ok(step(client, { ...body, ...(cursor && { cursor }) }));
      clusters.push(...found.clusters);
      cursor = found.next_cursor;
    } while (cursor);
    return clusters;
  };
  const merge = (client: Client, body: object = {}) => run(client, { dry_run: false, ...body });
  const merged = (client: Client, address: string) =>
    ok(client.get<MergedList>(`/memories/${address}/merged`));
  const unmerge = (client: Client, address: string, body: object = {}) =>
    client.post<Unmerged>(`/memories/${address}/unmerge`, body);
  const idsOf = (clusters: Duplicates['clusters']) =>
    clusters.map(({ kept, members }) => [kept.id, members.map(({ id }) => id)]);

  const verified = async (
    client: Client,
    receipt: string | null,
    memory = '01890000-0000-7000-8000-000000000000',
  ): Promise<DeletionReceipt> => {
    for (;;) {
      const path = `/deletions/${receipt ?? ''}?memory=${memory}`;
      const found = await ok(client.get<DeletionReceipt>(path));
      if (['verified', 'residue'].includes(found.status)) return found;
      await sleep(100);
    }
  };
  const keptTo = async (namespaces: readonly string[]): Promise<Client> => {
    const body = { name: 'kept', scopes: ALL_SCOPES, namespaces };
    const path = `/admin/tenants/${ours.tenantId}/tokens`;
    return clientOf(service.url, await ok(ours.post<CreatedToken>(path, body), 201));
  };

  it('P24 says what it would merge, then does so, in no other tenant', async () => {
    const kept = await ours.store({ coord: '1', content: SAME });
    const member = await ours.store({ coord: '2', content: NEARLY });
    await ours.store({ coord: '3', content: OTHER });
    await theirs.store({ coord: '1', content: SAME });
    await theirs.store({ coord: '2', content: NEARLY });
    const before = await everyMemory(ours);
    const said = await run(ours);
    expect(idsOf(said)).toEqual([[kept.id, [member.id]]]);
    expect(said[0]?.members[0]).toMatchObject({ content: NEARLY, shared_words: 1 });
    expect(await everyMemory(ours)).toEqual(before);
    expect(idsOf(await merge(ours))).toEqual(idsOf(said));
    expect(await merge(ours)).toEqual([]);
    expect((await everyMemory(ours)).map(({ id }) => id)).not.toContain(member.id);
    const found = await ours.search('dark mode in the editor');
    expect(found.memories.map(({ id }) => id)).toContain(kept.id);
    expect(found.memories.map(({ id }) => id)).not.toContain(member.id);
    expect(await merged(ours, '1')).toMatchObject({
      id: kept.id,
      merged: [{ id: member.id, content: NEARLY, coordinate: '2', merged_by: ours.tokenId }],
    });
    expect(await ours.read('1')).toMatchObject({ version: 1, content: SAME });
    expect(await everyMemory(theirs)).toHaveLength(2);
    expect((await merged(theirs, '1')).merged).toEqual([]);
  });

  it('names the memory that stands for a merged one, to its tenant alone', async () => {
    const kept = await ours.store({ coord: '1', content: SAME });
    const member = await ours.store({ coord: '2', content: NEARLY });
    await merge(ours);
    const path = `/memories/${member.id}`;
    for (const answer of [
      await ours.get(path),
      await ours.patch(path, { pinned: true }),
      await ours.delete(path),
    ]) {
      expect(answer).toMatchObject(problem('MEMORY_NOT_FOUND'));
      expect(JSON.stringify(answer.body)).toContain(kept.id);
    }
    const foreign = await theirs.get(path);
    expect(foreign).toMatchObject(problem('MEMORY_NOT_FOUND'));
    expect(JSON.stringify(foreign.body)).not.toContain(kept.id);
    expect(await unmerge(theirs, member.id)).toMatchObject(problem('MEMORY_NOT_FOUND'));
    expect(await unmerge(theirs, kept.id)).toMatchObject(problem('MEMORY_NOT_FOUND'));
    expect(await theirs.get(`/memories/${kept.id}/merged`)).toMatchObject(
      problem('MEMORY_NOT_FOUND'),
    );
    expect((await merged(ours, kept.id)).merged).toHaveLength(1);
  });

  it('is undone exactly: versions, links, vectors, counts and words are as they were', async () => {
    await ours.store({ coord: '1', content: SAME });
    await ours.store({ coord: '2', content: OTHER });
    const member = await ours.store({ coord: '2', content: NEARLY, tags: ['x'] });
    await ours.patch('/memories/2', { tags: [] });
    await ours.read('2');
    await ours.store({ coord: '3', content: OTHER });
    await ours.link('2', '3', { link_type: 'near', metadata: { why: 'test' } });
    await ours.link('3', '2', { link_type: 'far' });
    const picture = () =>
      askRaw(service, async (ask) => ({
        memories: await ask(`SELECT to_jsonb(m)::text AS row FROM memories m
          WHERE tenant_id = '${ours.tenantId}' ORDER BY id`),
        versions: await ask(`SELECT to_jsonb(v)::text AS row FROM memory_versions v
          WHERE tenant_id = '${ours.tenantId}' ORDER BY memory_id, version`),
        vectors: await ask(`SELECT memory_id, model, encode(vector, 'hex') AS vector
          FROM embeddings WHERE tenant_id = '${ours.tenantId}' ORDER BY memory_id, model`),
        links: await ask(`SELECT to_jsonb(l)::text AS row FROM links l
          WHERE tenant_id = '${ours.tenantId}' ORDER BY id`),
        postings: await ask(`SELECT to_jsonb(p)::text AS row FROM postings p
          WHERE tenant_id = '${ours.tenantId}' ORDER BY memory_id, lexeme`),
        usage: await ask(`SELECT to_jsonb(u)::text AS row FROM tenant_usage u
          WHERE tenant_id = '${ours.tenantId}'`),
      }));
    const before = await picture();
    expect(before).toMatchObject({ memories: [{}, {}, {}], links: [{}, {}] });
    expect(idsOf(await merge(ours))).toEqual([[expect.any(String), [member.id]]]);
    expect((await ours.neighbors('coord=3')).neighbors).toEqual([]);
    expect(await ok(unmerge(ours, '1'))).toMatchObject({ unmerged: [{ id: member.id }] });
    expect(await picture()).toEqual(before);
    const found = await ours.search('dark mode in the editor');
    expect(found.memories.map(({ id }) => id)).toContain(member.id);
    expect((await merged(ours, '1')).merged).toEqual([]);
    expect(await ok(unmerge(ours, '1'))).toMatchObject({ unmerged: [], remaining: false });
  });

  it('puts one back elsewhere when its coordinate is taken by now', async () => {
    await ours.store({ coord: '1', content: SAME });
    const member = await ours.store({ coord: '2', content: NEARLY });
    await merge(ours);
    await ours.store({ coord: '2', content: OTHER });
    expect(await unmerge(ours, member.id)).toMatchObject(problem('COORDINATE_TAKEN'));
    expect(await unmerge(ours, '1', { coord: '9' })).toMatchObject(problem('VALIDATION_FAILED'));
    expect(await unmerge(ours, member.id, { coord: 'x' })).toMatchObject(
      problem('COORDINATE_INVALID'),
    );
    await ok(unmerge(ours, member.id, { coord: '9' }));
    expect(await ours.read(member.id)).toMatchObject({ coordinate: '9', content: NEARLY });
  });

  it('never merges what says so, nor what is pinned or of another kind', async () => {
    await ours.storeAll([
      { coord: '1', content: SAME },
      { coord: '2', content: SAME, dedup: 'never' },
      { coord: '3', content: SAME, memory_type: 'semantic' },
      { coord: '4', content: SAME, namespace: 'another' },
      { coord: '5', content: SAME.replace('dark', 'light') },
      { coord: '6', content: SAME, prediction: 'Nobody will find it.' },
    ]);
    expect(await merge(ours)).toEqual([]);
    await ok(ours.patch('/memories/2', { dedup: 'allow', pinned: true }));
    const [cluster] = await merge(ours);
    expect(cluster).toMatchObject({
      kept: { coordinate: '2' },
      members: [{ coordinate: '1' }],
    });
    await ok(unmerge(ours, '2'));
    await ok(ours.patch('/memories/1', { dedup: 'never' }));
    expect(await merge(ours)).toEqual([]);
    expect(await ours.post('/memories', { content: SAME, dedup: 'no' })).toMatchObject(
      problem('VALIDATION_FAILED'),
    );
  });

  it('goes on where a step ended, and looks only at what changed when asked to', async () => {
    const contents = Array.from({ length: 9 }, (_, at) => `Fact number ${at} is about the sea`);
    await ours.storeAll(contents.map((content, at) => ({ coord: `${at}`, content })));
    await ours.storeAll(contents.map((content, at) => ({ coord: `1${at}`, content })));
    const first = await ok(step(ours, { dry_run: false, limit: 5 }));
    expect(first).toMatchObject({ looked_at: 5, merged: 0, next_cursor: expect.any(String) });
    const clusters = await merge(ours, { limit: 5 });
    expect(clusters).toHaveLength(9);
    expect(clusters.every(({ members }) => members.length === 1)).toBe(true);
    expect(await everyMemory(ours)).toHaveLength(9);
    const { looked_up_to: since } = await ok(step(ours, { limit: 200 }));
    await sleep(5);
    const late = await ours.store({ coord: '99', content: contents[3] });
    const later = await ok(step(ours, { dry_run: false, since: late.created_at }));
    expect(later).toMatchObject({ looked_at: 1, merged: 1 });
    expect(later.clusters).toMatchObject([
      { kept: { coordinate: '3' }, members: [{ id: late.id }] },
    ]);
    expect(Date.parse(since ?? '')).toBeLessThan(Date.parse(late.created_at));
    const foreign = await step(theirs, { dry_run: false, limit: 5, cursor: first.next_cursor });
    expect(foreign).toMatchObject(problem('CURSOR_INVALID'));
  });

  it('finds by the index what is not fresh any more', async () => {
    const kept = await ours.store({ coord: '1', content: SAME });
    await ours.store({ coord: '2', content: OTHER });
    const member = await ours.store({ coord: '3', content: NEARLY });
    await theirs.store({ coord: '1', content: SAME });
    for (let fresh = 1; fresh > 0; await sleep(100)) {
      const [row] = await askRaw(service, (ask) =>
        ask(`SELECT count(*)::int AS fresh FROM embeddings WHERE tenant_id = '${ours.tenantId}'
          AND indexed_at > now() - interval '10 seconds'`),
      );
      fresh = Number(row?.['fresh']);
    }
    expect(idsOf(await run(ours, { limit: 1 }))).toEqual([[kept.id, [member.id]]]);
  });

  it('makes one of a hundred that say the same', async () => {
    const rows = Array.from({ length: 100 }, (_, at) => ({ coord: `${at}`, content: SAME }));
    await ours.storeAll(rows);
    for (let runs = 0; runs < 3 && (await merge(ours, { limit: 30 })).length > 0; runs += 1);
    const [left, ...others] = await everyMemory(ours);
    expect(others).toEqual([]);
    const first = await ok(unmerge(ours, left?.id ?? '', { limit: 60 }));
    expect(first).toMatchObject({ remaining: true });
    expect(await ok(unmerge(ours, left?.id ?? ''))).toMatchObject({ remaining: false });
    expect(await everyMemory(ours)).toHaveLength(100);
  });

  it('goes with the memory that is kept: in the receipt, and in no table', async () => {
    const word = `zebra${Date.now()}`;
    await ours.store({ coord: '1', content: `One ${word} was seen` });
    const member = await ours.store({ coord: '2', content: `one ${word} was seen` });
    await merge(ours);
    expect(await tablesWith(service, [word])).toContain('archived_memories');
    const { receipt_id: receipt, deleted } = await ours.deleteBy({
      namespace: 'default',
      filter: { coordinate: '1' },
    });
    expect(deleted).toBe(2);
    expect(await verified(ours, receipt, member.id)).toMatchObject({
      status: 'verified',
      includes: true,
    });
    expect(await tablesWith(service, [word])).toEqual([]);
    expect(await unmerge(ours, member.id)).toMatchObject(problem('MEMORY_NOT_FOUND'));
  });

  it('goes with it also when a token deletes it that is kept to its namespace', async () => {
    const word = `lynx${Date.now()}`;
    await ours.store({ coord: '1', content: `One ${word} was seen` });
    await ours.store({ coord: '2', content: `one ${word} was seen` });
    await ours.store({ coord: '3', content: OTHER });
    await ours.link('2', '3', { metadata: { why: word } });
    await merge(ours);
    const narrow = await keptTo(['default']);
    const gone = await narrow.deleteBy({ namespace: 'default', filter: { coordinate: '1' } });
    expect(gone.deleted).toBe(2);
    expect(await verified(ours, gone.receipt_id)).toMatchObject({ status: 'verified' });
    expect(await tablesWith(service, [word])).toEqual([]);
  });

  it('either puts one back or deletes it, when both are asked at once', async () => {
    const pairs = Array.from({ length: 12 }, (_, n) => ({
      n,
      content: `${SAME} of room ${'abcdefghijkl'[n]}`,
    }));
    const outcomes = await Promise.all(
      pairs.map(async ({ n, content }) => {
        const client = await service.tenant();
        const kept = await client.store({ coord: '1', content });
        const member = await client.store({ coord: '2', content: `${content}!` });
        await merge(client);
        const remove = () => client.delete(`/memories/${kept.id}`);
        const putBack = () => unmerge(client, member.id);
        const [back] = await Promise.all(
          n % 2 === 0 ? [putBack(), remove()] : [remove().then(putBack)],
        );
        const found = await client.get(`/memories/${member.id}`);
        return { back: back?.status === 200, found: found.status === 200 };
      }),
    );
    for (const { back, found } of outcomes) expect(found).toBe(back);
    expect(outcomes.some(({ back }) => !back)).toBe(true);
  });

  it('lets a merged memory be deleted for good by itself', async () => {
    const kept = await ours.store({ coord: '1', content: SAME });
    const member = await ours.store({ coord: '2', content: NEARLY });
    await merge(ours);
    expect((await theirs.deleteBy({ ids: [member.id] })).deleted).toBe(0);
    expect((await ours.deleteBy({ ids: [member.id] })).deleted).toBe(1);
    expect((await merged(ours, kept.id)).merged).toEqual([]);
    expect(await ours.read(kept.id)).toMatchObject({ content: SAME });
  });

  it('of a token that is kept to namespaces shows those, and merges nothing', async () => {
    const kept = await ours.store({ coord: '1', content: SAME });
    await ours.store({ coord: '2', content: NEARLY });
    const narrow = await keptTo(['default']);
    const elsewhere = await keptTo(['another']);
    expect(await run(narrow)).toHaveLength(1);
    expect(await step(narrow, { dry_run: false })).toMatchObject(problem('NAMESPACE_FORBIDDEN'));
    expect(await step(elsewhere)).toMatchObject(problem('NAMESPACE_FORBIDDEN'));
    await merge(ours);
    expect((await merged(narrow, kept.id)).merged).toHaveLength(1);
    expect(await unmerge(narrow, kept.id)).toMatchObject(problem('NAMESPACE_FORBIDDEN'));
    expect(await elsewhere.get(`/memories/${kept.id}/merged`)).toMatchObject(
      problem('MEMORY_NOT_FOUND'),
    );
  });

  it('is told in the audit, as is undoing it', async () => {
    const kept = await ours.store({ coord: '1', content: SAME });
    const member = await ours.store({ coord: '2', content: NEARLY });
    await merge(ours);
    await ok(unmerge(ours, '1'));
    const events = await askRaw(service, (ask) =>
      ask(`SELECT action, actor, target, memory_ids FROM audit_events
        WHERE tenant_id = '${ours.tenantId}' AND action LIKE '%merge' ORDER BY id`),
    );
    const told = { actor: ours.tokenId, target: kept.id, memory_ids: [kept.id, member.id] };
    expect(events).toEqual([
      { action: 'memories.merge', ...told },
      { action: 'memories.unmerge', ...told },
    ]);
  });

  it('is asked for by the CLI', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'soma-merging-'));
    const settings = { SOMA_URL: service.url, SOMA_TOKEN: ours.token };
    try {
      await ours.store({ coord: '1', content: SAME });
      const member: Memory = await ours.store({ coord: '2', content: NEARLY });
      const said = await somaJson<Duplicates>(folder, ['duplicates'], settings);
      expect(said).toMatchObject({ dry_run: true, merged: 1, looked_at: 2 });
      const shown = await soma(folder, ['duplicates', '--yes'], settings);
      expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining(member.id) });
      const listed = await somaJson<MergedList>(
        folder,
        ['unmerge', said.clusters[0]?.kept.id ?? '', '--list'],
        settings,
      );
      expect(listed.merged).toMatchObject([{ id: member.id }]);
      const back = await somaJson<Unmerged>(folder, ['unmerge', member.id], settings);
      expect(back.unmerged).toEqual([{ id: member.id }]);
      expect(await ours.read('2')).toMatchObject({ id: member.id });
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    }
  });
});
