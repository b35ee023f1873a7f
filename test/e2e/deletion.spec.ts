import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { HeapCaches, memoryId, tenantId, TenantScope } from '@soma/core';
import type { DeletionReceipt } from '@soma/deletion';
import type { Memory, NamespaceDeletion } from '@soma/memory';
import type { Tenant } from '@soma/tenancy';
import { VectorIndex } from '@soma/vector-index';
import { ok, problem } from './http.js';
import { AUDIT, entriesOf, type RawEntry, tablesOnceAudited, tablesWith } from './raw-tables.js';
import { type Client, OPERATOR_TOKEN, type Service, startService } from './service.js';

/** Memories of one who is to be forgotten, with every mark by which they could be found again. */
interface Doomed {
  readonly canary: string;
  readonly memories: readonly Memory[];
  readonly entries: readonly RawEntry[];
}

/** The client's own word: it stays for its 24 hours, without an answer. */
const keyOf = (canary: string): string => createHash('sha256').update(canary).digest('hex');

const NAMESPACE = 'shared';
const COUNT = 12;

describe('deletion that is complete', () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;
  let spared: Doomed;

  beforeAll(async () => {
    service = await startService();
    [ours, theirs] = [await service.tenant(), await service.tenant()];
    spared = await stored(theirs);
  }, 300_000);
  afterAll(() => service.close());

  const scopeOf = (client: Client) => TenantScope.of(tenantId(client.tenantId));

  /** Stored twice over, linked, under keys, searched for: with all that can be derived from them. */
  async function stored(client: Client, namespace = NAMESPACE): Promise<Doomed> {
    const canary = `zq${randomBytes(8).toString('hex')}`;
    const draft = (number: number, says: string) => ({
      namespace,
      coord: `${number},${number}`,
      content: `Note ${number}: ${canary} ${says}.`,
      payload: { secret: canary },
      metadata: { subject: canary },
      tags: [canary],
      session_id: canary,
      speaker: canary,
    });
    const numbers = Array.from({ length: COUNT }, (_, number) => number);
    await client.storeAll(numbers.map((number) => draft(number, 'says one thing')));
    const key = { 'idempotency-key': keyOf(canary) };
    await ok(client.post('/memories', draft(0, 'is kept in an answer'), key), 201);
    const { results } = await client.storeAll(numbers.map((n) => draft(n, 'says another')));
    const memories = results.flatMap(({ memory }) => memory ?? []);
    await client.link('0,0', '1,1', { namespace, link_type: canary });
    await client.search(canary, { namespace });
    await client.settledStats();
    await client.search(canary, { namespace });
    const entries = await entriesOf(
      service,
      memories.map(({ id }) => id),
    );
    expect(entries).toHaveLength(COUNT);
    return { canary, memories, entries };
  }

  const marksOf = ({ canary, memories, entries }: Doomed): string[] => [
    canary,
    ...memories.map(({ id }) => id),
    ...entries.flatMap(({ entryId, vector }) => [entryId, vector]),
  ];

  async function verified(client: Client, id: string): Promise<DeletionReceipt> {
    for (;;) {
      const receipt = await ok(client.get<DeletionReceipt>(`/deletions/${id}`));
      if (receipt.status === 'verified') return receipt;
      expect(receipt.status).not.toBe('residue');
      await sleep(100);
    }
  }

  /** Index entries by id, and searches with the vectors, that still find one of them. */
  async function foundInIndex(client: Client, { memories, entries }: Doomed): Promise<number> {
    const index = service.provided(VectorIndex);
    const scope = scopeOf(client);
    const ids = memories.map(({ id }) => memoryId(id));
    const model = entries[0]?.model ?? '';
    const entryIds = entries.map(({ entryId }) => entryId);
    let found = (await index.held(scope, { model, entryIds, memoryIds: ids })).length;
    for (const { namespace, vector: hex } of entries) {
      const bytes = Buffer.from(hex, 'hex');
      const vector = new Float32Array(new Uint8Array(bytes).buffer);
      const hits = await index.search(scope, { namespace, model, vector, topK: 100 });
      found += hits.filter((hit) => ids.includes(hit.memoryId)).length;
    }
    return found;
  }

  async function expectGone(client: Client, doomed: Doomed, allowed: readonly string[] = []) {
    const tables = await tablesWith(service, marksOf(doomed));
    const kept = [...allowed, ...AUDIT];
    expect(tables.filter((table) => !kept.includes(table))).toEqual([]);
    expect((await tablesWith(service, [doomed.canary])).filter((t) => AUDIT.includes(t))).toEqual(
      [],
    );
    expect(await foundInIndex(client, doomed)).toBe(0);
  }

  async function expectSpared() {
    expect(await tablesWith(service, marksOf(spared))).toEqual(
      expect.arrayContaining(['embeddings', 'links', 'memories', 'memory_versions', 'postings']),
    );
    expect(await foundInIndex(theirs, spared)).toBeGreaterThanOrEqual(2 * COUNT);
    const { memories } = await theirs.search(spared.canary, { namespace: NAMESPACE });
    expect(memories).toHaveLength(10);
  }

  async function expectCachesDropped({ tenantId: id }: Client) {
    const caches = service.provided(HeapCaches);
    const left = () => Object.values(caches.sizes(tenantId(id))).reduce((sum, n) => sum + n, 0);
    while (left() > 0) await sleep(100);
  }

  it('finds its canary everywhere before anything is deleted', async () => {
    expect(await tablesWith(service, marksOf(spared))).toEqual(
      expect.arrayContaining(['answered_memories', 'idempotency_keys', 'memories', 'postings']),
    );
    expect(await foundInIndex(theirs, spared)).toBeGreaterThanOrEqual(2 * COUNT);
    const sizes = service.provided(HeapCaches).sizes(tenantId(theirs.tenantId));
    expect(sizes['texts']).toBeGreaterThan(0);
    await expectSpared();
  });

  it('leaves nothing of a memory, and says so in a receipt without content', async () => {
    const doomed = await stored(ours);
    const [memory] = doomed.memories;
    const id = memory?.id ?? '';
    const one = {
      ...doomed,
      memories: doomed.memories.slice(0, 1),
      entries: doomed.entries.filter(({ memoryId: of }) => of === id),
    };
    const answer = await ours.delete(`/memories/${id}`);
    expect(answer.status).toBe(204);
    const receiptId = answer.headers.get('soma-deletion-receipt') ?? '';
    const receipt = await verified(ours, receiptId);
    expect(receipt).toMatchObject({
      kind: 'memory',
      memories: 1,
      removed: { memories: 1, versions: 3, links: 1, embeddings: 1, idempotency_answers: 1 },
      verification: { looked_for: 1, searched_with: 1, index_tasks: 0, unreachable: [] },
    });
    expect(Object.values(receipt.verification?.left ?? { none: 1 }).every((n) => n === 0)).toBe(
      true,
    );
    expect(JSON.stringify(receipt)).not.toContain(doomed.canary);
    expect(JSON.stringify(receipt)).not.toContain(id);
    const { salt, hashes } = receipt.ids;
    const hash = createHash('sha256').update(Buffer.from(salt, 'hex')).update(id).digest('hex');
    expect(hashes).toEqual([hash]);
    const includes = async (of: string | undefined) =>
      (await ok(ours.get<DeletionReceipt>(`/deletions/${receiptId}?memory=${of}`))).includes;
    expect([await includes(id), await includes(doomed.memories[1]?.id)]).toEqual([true, false]);

    const marks = [id, ...one.entries.flatMap((e) => [e.entryId, e.vector])];
    expect((await tablesWith(service, marks)).filter((table) => !AUDIT.includes(table))).toEqual(
      [],
    );
    expect(await foundInIndex(ours, one)).toBe(0);
    expect((await ours.list(`namespace=${NAMESPACE}`)).memories).toHaveLength(COUNT - 1);
    await expectCachesDropped(ours);
    await expectSpared();

    const key = { 'idempotency-key': keyOf(doomed.canary) };
    const again = {
      namespace: NAMESPACE,
      coord: '0,0',
      content: `Note 0: ${doomed.canary} is kept in an answer.`,
      payload: { secret: doomed.canary },
      metadata: { subject: doomed.canary },
      tags: [doomed.canary],
      session_id: doomed.canary,
      speaker: doomed.canary,
    };
    expect(await ours.post('/memories', again, key)).toMatchObject(problem('ANSWER_DELETED'));
    const foreign = await theirs.get(`/deletions/${receiptId}`);
    expect(foreign).toMatchObject(problem('DELETION_NOT_FOUND'));
    await ours.delete(`/namespaces/${NAMESPACE}`);
  });

  it('leaves nothing of a data subject, whom a filter names', async () => {
    const [doomed, other] = [await stored(ours, 'diary'), await stored(ours, 'other')];
    const filter = { 'metadata.subject': doomed.canary };
    const done = await ours.deleteBy({ namespace: 'diary', filter });
    expect(done).toMatchObject({ matched: COUNT, deleted: COUNT });
    const receipt = await verified(ours, done.receipt_id ?? '');
    expect(receipt).toMatchObject({ kind: 'memories', memories: COUNT });
    expect(receipt.ids).toMatchObject({ complete: true });
    expect(receipt.ids.hashes).toHaveLength(COUNT);
    await expectGone(ours, doomed);
    expect((await ours.list('namespace=other')).memories).toHaveLength(COUNT);
    expect(await foundInIndex(ours, other)).toBeGreaterThanOrEqual(2 * COUNT);
    await expectCachesDropped(ours);
    await expectSpared();
  });

  it('leaves nothing of a namespace, its name and language included', async () => {
    const name = `of-${randomBytes(6).toString('hex')}`;
    const doomed = await stored(ours, name);
    await ok(ours.delete<NamespaceDeletion>(`/namespaces/${name}x`), 404);
    const done = await ok(ours.delete<NamespaceDeletion>(`/namespaces/${name}`));
    expect(done).toMatchObject({ namespace: name, matched: COUNT, deleted: COUNT });
    expect(await verified(ours, done.receipt_id)).toMatchObject({ kind: 'namespace' });
    await expectGone(ours, { ...doomed, canary: name });
    await expectGone(ours, doomed);
    expect(await ours.get(`/namespaces/${name}`)).toMatchObject(problem('NAMESPACE_NOT_FOUND'));
    expect(await theirs.delete(`/namespaces/${name}`)).toMatchObject(
      problem('NAMESPACE_NOT_FOUND'),
    );
    await expectSpared();
  });

  it('leaves nothing of a tenant but its receipts and its audit', async () => {
    const gone = await service.tenant();
    const doomed = await stored(gone);
    await ok(gone.post('/locks', { name: doomed.canary, ttl_ms: 60_000 }), 201);
    const operator = { token: OPERATOR_TOKEN };
    const path = `/admin/tenants/${gone.tenantId}`;
    const receipt = await ok(service.request<DeletionReceipt>('DELETE', path, operator), 202);
    const again = await ok(service.request<DeletionReceipt>('DELETE', path, operator), 202);
    expect(again.id).toBe(receipt.id);
    const listed = await ok(
      service.request<{ tenants: Tenant[] }>('GET', '/admin/tenants?limit=200', operator),
    );
    expect(listed.tenants.map(({ id }) => id)).not.toContain(gone.tenantId);
    for (;;) {
      const now = await ok(
        service.request<DeletionReceipt>('GET', `/admin/deletions/${receipt.id}`, operator),
      );
      if (now.status === 'verified') break;
      expect(now.status).not.toBe('residue');
      await sleep(200);
    }
    expect(await gone.get('/memories')).toMatchObject(problem('TOKEN_INVALID'));
    await expectGone(gone, doomed);
    expect(await tablesOnceAudited(service, [gone.tenantId])).toEqual([...AUDIT, 'deletions']);
    expect(await tablesWith(service, [gone.tokenId])).toEqual(['audit_events']);
    await expectCachesDropped(gone);
    await expectSpared();
    const kept = await ok(
      service.request<{ events: { action: string }[] }>(
        'GET',
        `/admin/audit?tenant=${gone.tenantId}`,
        operator,
      ),
    );
    const actions = kept.events.map(({ action }) => action);
    expect(actions.slice(0, 2)).toEqual(['deletions.verify', 'tenants.delete']);
    expect(actions.at(-1)).toBe('tenants.create');
  }, 300_000);
});
