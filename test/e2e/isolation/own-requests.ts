import type { AuditPageView, AuditVerification } from '@soma/audit';
import type { Consolidated, HierarchyTree, Summary } from '@soma/consolidation';
import type { DeletionReceipt } from '@soma/deletion';
import type { Link, Neighbors, Path } from '@soma/graph';
import type { Lease, LockState } from '@soma/locks';
import type {
  BulkResult,
  Deletion,
  Memory,
  MemoryPage,
  Namespace,
  NamespaceDeletion,
  NamespacePage,
  VersionPage,
} from '@soma/memory';
import type { ContextResponse, SearchBatchResult, SearchResponse } from '@soma/search';
import type { CreatedToken, TokenList, Usage } from '@soma/tenancy';
import type { Stats } from '../../../apps/api/src/status/status.schema.js';
import type { Answer } from '../http.js';
import type { OperationKey } from './operations.js';
import { OWN_FORGETTING } from './own-forgetting.js';
import { OWN_MERGING } from './own-merging.js';
import { OWN_TRANSFERS } from './own-transfers.js';
import { type Party, SIZE } from './party.js';
import { withQuery } from './probe.js';
import type { SeededRandom } from './seeded-random.js';
import type { OwnRequest, Turn } from './turn.js';

const WORK_PLACES = 8;
const SHARED_KEYS = 50;

const workCoordinate = (random: SeededRandom): string => `7,${random.below(WORK_PLACES)}`;
const trashCoordinate = (random: SeededRandom): string =>
  `${random.below(1_000_000)},${random.below(1_000_000)}`;
const tenantTokens = ({ client }: Party): string => `/admin/tenants/${client.tenantId}/tokens`;

/** Counts a write, so that the version at the end can be held against all of them. */
function wrote(party: Party, memory: Memory): void {
  const place = `${memory.namespace} ${memory.coordinate}`;
  party.writes.set(place, (party.writes.get(place) ?? 0) + 1);
}

async function store(turn: Turn, namespace: string, coord: string, more = {}): Promise<Memory> {
  const { session, party, random } = turn;
  const content = `Work ${random.hex(6)} of ${party.canary}.`;
  const { status, body } = await session.send<Memory>('POST /memories', party, {
    path: '/memories',
    body: { namespace, coord, content, ...more },
  });
  expect({ status, content: body.content }).toEqual({ status: 201, content });
  return body;
}

function expectOwn(party: Party, memories: readonly Memory[], count: number): void {
  expect(memories).toHaveLength(count);
  for (const memory of memories) expect(memory.content).toContain(party.canary);
}

async function storeWork(turn: Turn): Promise<void> {
  wrote(turn.party, await store(turn, 'work', workCoordinate(turn.random)));
}

/** Stores where the other tenant has a memory: a first version of our own, not its next. */
async function storeAtForeignCoordinate(turn: Turn): Promise<void> {
  const { session, party, random } = turn;
  const coord = `${session.opponentOf(party).claimBase},${random.below(SIZE) + 1}`;
  wrote(party, await store(turn, 'claimed', coord));
}

/** Both tenants use the same keys for the same requests; each has its own answer, kept for it. */
async function storeUnderSharedKey({ session, party, random }: Turn): Promise<void> {
  const number = random.below(SHARED_KEYS);
  const attempt = {
    path: '/memories',
    body: { namespace: 'keys', coord: `5,${number}`, content: `The same words, ${number}.` },
    headers: { 'idempotency-key': `shared-${number}` },
  };
  const first = await session.send<Memory>('POST /memories', party, attempt);
  const again = await session.send<Memory>('POST /memories', party, attempt);
  expect([first.status, again.status]).toEqual([201, 201]);
  expect(first.body.version).toBe(1);
  expect(again.body).toEqual(first.body);
}

/** A key that the other tenant has used for something else is free for us. */
async function storeUnderForeignKey({ session, party, random }: Turn): Promise<void> {
  const key = `once-${random.hex(12)}`;
  for (const writer of [session.opponentOf(party), party]) {
    const content = `Under a key, ${writer.canary}.`;
    const { status, body } = await session.send<Memory>('POST /memories', writer, {
      path: '/memories',
      body: { namespace: 'trash', coord: trashCoordinate(random), content },
      headers: { 'idempotency-key': key },
    });
    expect({ status, content: body.content }).toEqual({ status: 201, content });
  }
}

async function storeBulk({ session, party, random }: Turn): Promise<void> {
  const content = `In bulk, ${party.canary}.`;
  const number = random.below(WORK_PLACES);
  const coords = [`7,${number}`, `7,${(number + 1) % WORK_PLACES}`];
  const { status, body } = await session.send<BulkResult>('POST /memories/bulk', party, {
    path: '/memories/bulk',
    body: { memories: coords.map((coord) => ({ namespace: 'work', coord, content })) },
  });
  expect({ status, stored: body.stored }).toEqual({ status: 200, stored: 2 });
  const memories = body.results.flatMap((result) => result.memory ?? []);
  expectOwn(party, memories, 2);
  for (const memory of memories) wrote(party, memory);
}

async function list({ session, party }: Turn): Promise<void> {
  const { body } = await session.send<MemoryPage>('GET /memories', party, {
    path: withQuery('/memories', { namespace: 'vault', tag: 'shared' }),
  });
  expectOwn(party, body.memories, SIZE);
}

async function listNextPage({ session, party }: Turn): Promise<void> {
  const { cursor } = party;
  const { body } = await session.send<MemoryPage>('GET /memories', party, {
    path: withQuery('/memories', { namespace: 'vault', limit: '2', cursor }),
  });
  expectOwn(party, body.memories, 2);
}

async function read({ session, party, random }: Turn): Promise<void> {
  const memory = random.pick(party.vault);
  const { status, body } = await session.send<Memory>('GET /memories/{address}', party, {
    path: withQuery(`/memories/${memory.coordinate}`, { namespace: 'vault' }),
  });
  expect({ status, id: body.id, content: body.content }).toEqual({
    status: 200,
    id: memory.id,
    content: memory.content,
  });
}

/** A version of ours, by the other tenant's coordinates too: ours are at the same ones. */
async function readVersions({ session, party, random }: Turn): Promise<void> {
  const memory = random.pick(party.vault);
  const path = `/memories/${memory.coordinate}/versions`;
  const listed = await session.send<VersionPage>('GET /memories/{address}/versions', party, {
    path: withQuery(path, { namespace: 'vault', limit: '1' }),
  });
  expectOwn(party, listed.body.versions, 1);
  const read = await session.send<Memory>('GET /memories/{address}/versions/{version}', party, {
    path: withQuery(`${path}/1`, { namespace: 'vault' }),
  });
  expect(read.body).toMatchObject({ id: memory.id, version: 1 });
}

async function restoreVersion({ session, party, random }: Turn): Promise<void> {
  const { status, body } = await session.send<Memory>(
    'POST /memories/{address}/versions/{version}/restore',
    party,
    {
      path: withQuery(`/memories/${workCoordinate(random)}/versions/1/restore`, {
        namespace: 'work',
      }),
    },
  );
  expect(status).toBe(200);
  expectOwn(party, [body], 1);
  wrote(party, body);
}

async function patch(turn: Turn): Promise<void> {
  const { session, party, random } = turn;
  const { status, body } = await session.send<Memory>('PATCH /memories/{address}', party, {
    path: withQuery(`/memories/${workCoordinate(random)}`, { namespace: 'work' }),
    body: { metadata: { owner: party.canary, turn: random.below(1000) } },
  });
  expect({ status, owner: body.metadata['owner'] }).toEqual({ status: 200, owner: party.canary });
  wrote(party, body);
}

async function storeAndDelete(turn: Turn): Promise<void> {
  const { session, party, random } = turn;
  const { id } = await store(turn, 'trash', trashCoordinate(random));
  const path = `/memories/${id}`;
  const deleted = await session.send('DELETE /memories/{address}', party, { path });
  expect(deleted.status).toBe(204);
  const gone = await session.send('GET /memories/{address}', party, { path });
  expect(gone.status).toBe(404);
}

async function storeAndDeleteById(turn: Turn): Promise<void> {
  const { session, party, random } = turn;
  const { id } = await store(turn, 'trash', trashCoordinate(random));
  const { body } = await session.send<Deletion>('POST /memories/delete', party, {
    path: '/memories/delete',
    body: { ids: [id], dry_run: false },
  });
  const { receipt_id: receiptId, ...counts } = body;
  expect(counts).toEqual({ matched: 1, deleted: 1, dry_run: false, ids: [id] });
  const receipt = await session.send<DeletionReceipt>('GET /deletions/{id}', party, {
    path: withQuery(`/deletions/${receiptId}`, { memory: id }),
  });
  expect(receipt.body).toMatchObject({ memories: 1, includes: true });
}

/** Both tenants delete a namespace of one name, each its own. */
async function storeAndDeleteNamespace(turn: Turn): Promise<void> {
  const { session, party, random } = turn;
  const namespace = `passing-${random.hex(8)}`;
  await store(turn, namespace, '1,1');
  const { body } = await session.send<NamespaceDeletion>('DELETE /namespaces/{namespace}', party, {
    path: `/namespaces/${namespace}`,
  });
  expect(body).toMatchObject({ namespace, matched: 1, deleted: 1 });
}

async function readAudit({ session, party }: Turn): Promise<void> {
  const { body } = await session.send<AuditPageView>('GET /admin/audit', party, {
    path: '/admin/audit?limit=200',
  });
  expect(new Set(body.events.map(({ tenant_id: id }) => id))).toEqual(
    new Set([party.client.tenantId]),
  );
  const lines = await session.send<string>('GET /admin/audit/export', party, {
    path: '/admin/audit/export?action=memories.store',
  });
  for (const line of lines.body.trimEnd().split('\n')) {
    expect(JSON.parse(line)).toMatchObject({ tenant_id: party.client.tenantId });
  }
  const path = '/admin/audit/verify';
  const chain = await session.send<AuditVerification>('GET /admin/audit/verify', party, { path });
  expect(chain.body).toMatchObject({ tenant_id: party.client.tenantId, intact: true });
}

async function countDeletable({ session, party }: Turn): Promise<void> {
  const { body } = await session.send<Deletion>('POST /memories/delete', party, {
    path: '/memories/delete',
    body: { namespace: 'vault', filter: { 'metadata.owner': party.canary } },
  });
  expect(body).toMatchObject({ matched: SIZE, deleted: 0 });
}

async function search({ session, party, random }: Turn): Promise<void> {
  const { body } = await session.send<SearchResponse>('POST /memories/search', party, {
    path: '/memories/search',
    body: { query: random.pick(party.vault).content, namespace: 'vault', top_k: 5 },
  });
  expectOwn(party, body.memories, 5);
}

async function packContext({ session, party, random }: Turn): Promise<void> {
  const query = random.pick(party.vault).content;
  const { body } = await session.send<ContextResponse>('POST /memories/context', party, {
    path: '/memories/context',
    body: { query, namespace: 'vault', max_tokens: 400, citations: 'ids' },
  });
  const own = new Set(party.vault.map(({ id }) => id));
  expect(body.citations.length).toBeGreaterThan(0);
  for (const { memory_id } of body.citations) expect(own).toContain(memory_id);
}

async function searchBatch({ session, party, random }: Turn): Promise<void> {
  const query = random.pick(party.vault).content;
  const { body } = await session.send<SearchBatchResult>('POST /memories/search/batch', party, {
    path: '/memories/search/batch',
    body: { searches: [{ query, namespace: 'vault', top_k: 5, explain: true }, { query: '' }] },
  });
  const [answered, rejected] = body.results;
  expectOwn(party, answered?.answer?.memories ?? [], 5);
  expect(rejected?.error?.code).toBe('VALIDATION_FAILED');
}

async function link(turn: Turn, linkType: string): Promise<{ from_id: string; to_id: string }> {
  const { session, party } = turn;
  const [from, to] = [party.private[0]?.id, party.private[1]?.id];
  const { status, body } = await session.send<Link>('POST /graph/link', party, {
    path: '/graph/link',
    body: { from_id: from, to_id: to, link_type: linkType, metadata: { owner: party.canary } },
  });
  expect({ status, ends: [body.from_id, body.to_id] }).toEqual({ status: 201, ends: [from, to] });
  return body;
}

async function linkAndUnlink(turn: Turn): Promise<void> {
  const { session, party, random } = turn;
  const linkType = `passing-${random.hex(8)}`;
  const { from_id, to_id } = await link(turn, linkType);
  const { body } = await session.send('DELETE /graph/link', party, {
    path: '/graph/link',
    body: { from_id, to_id, link_type: linkType },
  });
  expect(body).toEqual({ deleted: 1 });
}

async function neighbors({ session, party, random }: Turn): Promise<void> {
  const { body } = await session.send<Neighbors>('GET /graph/neighbors', party, {
    path: withQuery('/graph/neighbors', {
      coord: `1,${random.below(SIZE - 2) + 2}`,
      namespace: 'vault',
      link_type: 'next',
    }),
  });
  expectOwn(
    party,
    body.neighbors.map(({ memory }) => memory),
    2,
  );
}

async function path({ session, party }: Turn): Promise<void> {
  const { body } = await session.send<Path>('GET /graph/path', party, {
    path: withQuery('/graph/path', { from_coord: '1,1', to_coord: '1,4', namespace: 'vault' }),
  });
  expectOwn(party, body.memories, 4);
}

async function stats({ session, party }: Turn): Promise<void> {
  const { body } = await session.send<Stats>('GET /stats', party, {
    path: withQuery('/stats', { namespace: 'vault' }),
  });
  expect(body).toMatchObject({
    memories: { total: SIZE, by_namespace: { vault: SIZE } },
    links: { total: SIZE - 1, by_type: { next: SIZE - 1 } },
  });
}

async function createAndRevokeToken({ session, party }: Turn): Promise<void> {
  const created = await session.send<CreatedToken>('POST /admin/tenants/{tenant}/tokens', party, {
    path: tenantTokens(party),
    body: { name: 'passing', scopes: ['graph:read'] },
  });
  expect(created.status).toBe(201);
  const { id } = created.body;
  const rotated = await session.send<CreatedToken>(
    'POST /admin/tenants/{tenant}/tokens/{token}/rotate',
    party,
    { path: `${tenantTokens(party)}/${id}/rotate`, body: { overlap_seconds: 0 } },
  );
  expect(rotated).toMatchObject({ status: 201, body: { id, tenant_id: party.client.tenantId } });
  const revoked = await session.send('DELETE /admin/tenants/{tenant}/tokens/{token}', party, {
    path: `${tenantTokens(party)}/${id}`,
  });
  expect(revoked.status).toBe(204);
}

async function readTenant({ session, party }: Turn): Promise<void> {
  const id = party.client.tenantId;
  const { body } = await session.send('GET /admin/tenants/{tenant}', party, {
    path: `/admin/tenants/${id}`,
  });
  expect(body).toMatchObject({ id, suspended_at: null });
}

async function readUsage({ session, party }: Turn): Promise<void> {
  const path = `/admin/tenants/${party.client.tenantId}`;
  const usage = await session.send<Usage>('GET /admin/tenants/{tenant}/usage', party, {
    path: `${path}/usage`,
  });
  expect(usage.body.tenant_id).toBe(party.client.tenantId);
  expect(usage.body.kept.memories).toBeGreaterThanOrEqual(3 * SIZE);
  const quotas = await session.send('GET /admin/tenants/{tenant}/quotas', party, {
    path: `${path}/quotas`,
  });
  expect(quotas.body).toMatchObject({ effective: { memories: 0, policy: 'reject' } });
}

async function listTokens({ session, party }: Turn): Promise<void> {
  const { body } = await session.send<TokenList>('GET /admin/tenants/{tenant}/tokens', party, {
    path: tenantTokens(party),
  });
  const ids = body.tokens.map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining([party.client.tokenId, party.spareTokenId]));
}

/** Both tenants give a namespace of one name a language, each its own. */
async function setLanguage({ session, party }: Turn): Promise<void> {
  const language = party.canary.startsWith('canary-ours') ? 'german' : 'french';
  const path = '/namespaces/tongue';
  const expected = { namespace: 'tongue', language, memories: 0 };
  const attempt = { path, body: { language } };
  const set = await session.send<Namespace>('PUT /namespaces/{namespace}', party, attempt);
  expect(set).toMatchObject({ status: 200, body: expected });
  const read = await session.send<Namespace>('GET /namespaces/{namespace}', party, { path });
  expect(read).toMatchObject({ status: 200, body: expected });
}

async function listNamespaces({ session, party }: Turn): Promise<void> {
  const names: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const after: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const { body }: Answer<NamespacePage> = await session.send('GET /namespaces', party, {
      path: `/namespaces?limit=200${after}`,
    });
    names.push(...body.namespaces.map(({ namespace }) => namespace));
    cursor = body.next_cursor;
  }
  expect(names).toEqual(expect.arrayContaining(['private', 'vault', party.namespace]));
}

async function consolidate({ session, party }: Turn): Promise<void> {
  const path = '/hierarchy/consolidate';
  const body = { namespace: 'vault' };
  const done = await session.send<Consolidated>('POST /hierarchy/consolidate', party, {
    path,
    body,
  });
  expect(done.status).toBe(200);
  const tree = await session.send<HierarchyTree>('GET /hierarchy/tree', party, {
    path: '/hierarchy/tree?namespace=vault&depth=12',
  });
  expect(tree.status).toBe(200);
  for (const { memory } of tree.body.nodes) expect(memory.content).toContain(party.canary);
}

async function summarize({ session, party, random }: Turn): Promise<void> {
  const { id } = random.pick(party.vault);
  const { body } = await session.send<Summary>('POST /hierarchy/summarize', party, {
    path: '/hierarchy/summarize',
    body: { namespace: 'vault', ids: [id] },
  });
  expect(body).toMatchObject({ memory_ids: [id], cited: [id], memory: null });
}

/** Nobody else's lease is in the way of a lock of our own. */
async function lockAndRelease({ session, party, random }: Turn): Promise<void> {
  const name = `passing-${random.hex(8)}`;
  const path = `/locks/${name}`;
  const body = { name, ttl_ms: 60_000, owner: party.canary };
  const lease = await session.send<Lease>('POST /locks', party, { path: '/locks', body });
  const own = { owner: party.canary, fencing_token: 1 };
  expect(lease).toMatchObject({ status: 201, body: { name, ...own } });
  const { token } = lease.body;
  const renewal = { path: `${path}/renew`, body: { token, ttl_ms: 60_000 } };
  const renewed = await session.send<LockState>('POST /locks/{name}/renew', party, renewal);
  expect(renewed).toMatchObject({ status: 200, body: { held: true, ...own } });
  const read = await session.send<LockState>('GET /locks/{name}', party, { path });
  expect(read.body).toEqual(renewed.body);
  const ended = { path, body: { token } };
  const released = await session.send<LockState>('DELETE /locks/{name}', party, ended);
  expect(released).toMatchObject({ status: 200, body: { held: false, fencing_token: 1 } });
}

/** What each tenant does for itself meanwhile, so that the attacks meet a service at work. */
export const OWN_REQUESTS: Readonly<Record<OperationKey, readonly OwnRequest[]>> = {
  'POST /memories': [
    storeWork,
    storeAtForeignCoordinate,
    storeUnderSharedKey,
    storeUnderForeignKey,
  ],
  'POST /memories/bulk': [storeBulk],
  'GET /memories': [list, listNextPage],
  'GET /memories/{address}': [read],
  'GET /memories/{address}/versions': [readVersions],
  'GET /memories/{address}/versions/{version}': [readVersions],
  'POST /memories/{address}/versions/{version}/restore': [restoreVersion],
  'PATCH /memories/{address}': [patch],
  'DELETE /memories/{address}': [storeAndDelete],
  'POST /memories/search': [search],
  'POST /memories/context': [packContext],
  'POST /memories/search/batch': [searchBatch],
  'POST /memories/delete': [storeAndDeleteById, countDeletable],
  'GET /deletions/{id}': [storeAndDeleteById],
  'DELETE /namespaces/{namespace}': [storeAndDeleteNamespace],
  'GET /admin/audit': [readAudit],
  'GET /admin/audit/export': [readAudit],
  'GET /admin/audit/verify': [readAudit],
  'POST /graph/link': [linkAndUnlink],
  'DELETE /graph/link': [linkAndUnlink],
  'GET /graph/neighbors': [neighbors],
  'GET /graph/path': [path],
  'POST /hierarchy/consolidate': [consolidate],
  'GET /hierarchy/tree': [consolidate],
  'POST /hierarchy/summarize': [summarize],
  'GET /namespaces': [listNamespaces],
  'PUT /namespaces/{namespace}': [setLanguage],
  'POST /locks': [lockAndRelease],
  'POST /locks/{name}/renew': [lockAndRelease],
  'GET /locks/{name}': [lockAndRelease],
  'DELETE /locks/{name}': [lockAndRelease],
  'GET /stats': [stats],
  ...OWN_FORGETTING,
  ...OWN_MERGING,
  ...OWN_TRANSFERS,
  'GET /admin/tenants/{tenant}': [readTenant],
  'GET /admin/tenants/{tenant}/usage': [readUsage],
  'GET /admin/tenants/{tenant}/quotas': [readUsage],
  'POST /admin/tenants/{tenant}/tokens': [createAndRevokeToken],
  'POST /admin/tenants/{tenant}/tokens/{token}/rotate': [createAndRevokeToken],
  'GET /admin/tenants/{tenant}/tokens': [listTokens],
};

/** Every place of `work` holds something before the first turn. */
export async function fillWork(turn: Turn): Promise<void> {
  for (let number = 0; number < WORK_PLACES; number += 1) {
    wrote(turn.party, await store(turn, 'work', `7,${number}`));
  }
}
