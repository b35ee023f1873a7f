import type { OperationKey } from './operations.js';
import { cursorOf, partsOfCursor } from './party.js';
import { impersonating, nothing, ownOnly, type Probe, refused, withQuery } from './probe.js';

const NO_MEMORIES = { memories: [] };
const NO_CONTEXT = { text: '', tokens: 0, parts: [], citations: [], left_out: 0 };
const NOTHING_DELETED = { matched: 0, deleted: 0, ids: [] };

export const MEMORY_PROBES: Readonly<Record<OperationKey, readonly Probe[]>> = {
  'POST /memories': [
    refused('a link to its coordinate', 'MEMORY_NOT_FOUND', ({ coordinates }, { canary }) => ({
      path: '/memories',
      body: {
        coord: '3,1',
        namespace: 'private',
        content: `Mine: ${canary}`,
        links: [{ to_coord: coordinates[0], link_type: 'next' }],
      },
    })),
    refused('its key and a link', 'MEMORY_NOT_FOUND', ({ coordinates, idempotencyKey }) => ({
      path: '/memories',
      body: { content: 'Mine.', namespace: 'private', links: [{ to_coord: coordinates[1] }] },
      headers: { 'idempotency-key': idempotencyKey },
    })),
    refused('its tenant in the body', 'VALIDATION_FAILED', ({ tenantId }) => ({
      path: '/memories',
      body: { content: 'Planted.', tenant_id: tenantId, tenantId },
    })),
    refused('its id in the body', 'VALIDATION_FAILED', ({ ids }) => ({
      path: '/memories',
      body: { content: 'Planted.', id: ids[0] },
    })),
  ],
  'POST /memories/bulk': [
    nothing('links to its coordinates', { stored: 0, failed: 2 }, ({ coordinates }) => ({
      path: '/memories/bulk',
      body: {
        memories: coordinates.map((to_coord) => ({
          content: 'Planted.',
          namespace: 'private',
          links: [{ to_coord }],
        })),
      },
    })),
    nothing('its tenant in an item', { stored: 0, failed: 1 }, ({ tenantId, ids }) => ({
      path: '/memories/bulk',
      body: { memories: [{ content: 'Planted.', tenant_id: tenantId, id: ids[0] }] },
    })),
    refused('its tenant in the body', 'VALIDATION_FAILED', ({ tenantId }) => ({
      path: '/memories/bulk',
      body: { memories: [{ content: 'Planted.' }], tenant_id: tenantId },
    })),
  ],
  'GET /memories': [
    nothing('its namespace', NO_MEMORIES, ({ namespace }) => ({
      path: withQuery('/memories', { namespace }),
    })),
    nothing('its tag', NO_MEMORIES, ({ tag }) => ({
      path: withQuery('/memories', { namespace: 'private', tag }),
    })),
    nothing('its metadata in a filter', NO_MEMORIES, ({ canary }) => ({
      path: withQuery('/memories', {
        namespace: 'vault',
        filter: JSON.stringify({ 'metadata.owner': { eq: canary } }),
      }),
    })),
    nothing('its metadata or its tag', NO_MEMORIES, ({ canary, tag }) => ({
      path: withQuery('/memories', {
        namespace: 'private',
        filter: JSON.stringify({
          or: [{ 'metadata.owner': { in: [canary] } }, { tags: tag }],
        }),
      }),
    })),
    nothing('its coordinates as a box', NO_MEMORIES, ({ coordinates: [min, max] }) => ({
      path: withQuery('/memories', { namespace: 'private', min_coord: min, max_coord: max }),
    })),
    nothing('its tag as it was known', NO_MEMORIES, ({ tag }) => ({
      path: withQuery('/memories', { namespace: 'vault', tag, known_at: '2100-01-01T00:00:00Z' }),
    })),
    refused('its cursor', 'CURSOR_INVALID', ({ cursor }) => ({
      path: withQuery('/memories', { namespace: 'vault', limit: '2', cursor }),
    })),
    ownOnly('its place in a cursor of ours', ({ cursor }, own) => {
      const [fingerprint] = partsOfCursor(own.cursor);
      const [, value, id] = partsOfCursor(cursor);
      const forged = cursorOf([fingerprint, value, id]);
      return { path: withQuery('/memories', { namespace: 'vault', limit: '2', cursor: forged }) };
    }),
    refused('its tenant in the query', 'VALIDATION_FAILED', ({ tenantId }) => ({
      path: withQuery('/memories', { namespace: 'vault', tenant_id: tenantId }),
    })),
    ownOnly('its tenant in headers', (names) => ({
      path: '/memories?namespace=vault',
      headers: impersonating(names),
    })),
  ],
  'GET /memories/{address}': [
    refused('its id as it was known', 'MEMORY_NOT_FOUND', ({ ids }) => ({
      path: withQuery(`/memories/${ids[0]}`, { known_at: '2100-01-01T00:00:00Z' }),
    })),
    refused('its id', 'MEMORY_NOT_FOUND', ({ ids }) => ({ path: `/memories/${ids[0]}` })),
    refused('its id in capitals', 'MEMORY_NOT_FOUND', ({ ids }) => ({
      path: `/memories/${ids[1].toUpperCase()}`,
    })),
    refused('its id, tenant in headers', 'MEMORY_NOT_FOUND', (names) => ({
      path: `/memories/${names.ids[0]}`,
      headers: impersonating(names),
    })),
    refused('its coordinate', 'MEMORY_NOT_FOUND', ({ coordinates }) => ({
      path: withQuery(`/memories/${coordinates[0]}`, { namespace: 'private' }),
    })),
    refused('its namespace', 'MEMORY_NOT_FOUND', ({ namespace }) => ({
      path: withQuery('/memories/1,1', { namespace }),
    })),
    refused('its tenant in the query', 'VALIDATION_FAILED', ({ ids, tenantId }) => ({
      path: withQuery(`/memories/${ids[0]}`, { tenant_id: tenantId }),
    })),
  ],
  'GET /memories/{address}/versions': [
    refused('its id', 'MEMORY_NOT_FOUND', ({ ids }) => ({ path: `/memories/${ids[0]}/versions` })),
    refused('its coordinate', 'MEMORY_NOT_FOUND', ({ coordinates }) => ({
      path: withQuery(`/memories/${coordinates[0]}/versions`, { namespace: 'private' }),
    })),
    refused('its cursor', 'CURSOR_INVALID', ({ cursor }, { private: own }) => ({
      path: withQuery(`/memories/${own[0]?.id}/versions`, { cursor }),
    })),
    refused('its tenant in the query', 'VALIDATION_FAILED', ({ ids, tenantId }) => ({
      path: withQuery(`/memories/${ids[0]}/versions`, { tenant_id: tenantId }),
    })),
  ],
  'GET /memories/{address}/versions/{version}': [
    refused('its id', 'MEMORY_NOT_FOUND', ({ ids }) => ({
      path: `/memories/${ids[0]}/versions/1`,
    })),
    refused('its id, tenant in headers', 'MEMORY_NOT_FOUND', (names) => ({
      path: `/memories/${names.ids[1]}/versions/1`,
      headers: impersonating(names),
    })),
    refused('its namespace', 'MEMORY_NOT_FOUND', ({ namespace }) => ({
      path: withQuery('/memories/1,1/versions/1', { namespace }),
    })),
  ],
  'POST /memories/{address}/versions/{version}/restore': [
    refused('its id', 'MEMORY_NOT_FOUND', ({ ids }) => ({
      path: `/memories/${ids[0]}/versions/1/restore`,
    })),
    refused('its coordinate and key', 'MEMORY_NOT_FOUND', ({ coordinates, idempotencyKey }) => ({
      path: withQuery(`/memories/${coordinates[0]}/versions/1/restore`, { namespace: 'private' }),
      headers: { 'idempotency-key': idempotencyKey },
    })),
  ],
  'PATCH /memories/{address}': [
    refused('its id', 'MEMORY_NOT_FOUND', ({ ids }) => ({
      path: `/memories/${ids[0]}`,
      body: { content: 'Overwritten.' },
    })),
    refused('its id and version', 'MEMORY_NOT_FOUND', ({ ids }) => ({
      path: `/memories/${ids[1]}`,
      body: { importance: 0, tags: [], expires_at: '2001-01-01T00:00:00Z' },
      headers: { 'if-match': '"1"' },
    })),
    refused('its id and key', 'MEMORY_NOT_FOUND', ({ ids, idempotencyKey }) => ({
      path: `/memories/${ids[0]}`,
      body: { payload: { overwritten: true } },
      headers: { 'idempotency-key': idempotencyKey },
    })),
    refused('its coordinate', 'MEMORY_NOT_FOUND', ({ coordinates }) => ({
      path: withQuery(`/memories/${coordinates[0]}`, { namespace: 'private' }),
      body: { metadata: {} },
    })),
    refused('its namespace', 'MEMORY_NOT_FOUND', ({ namespace }) => ({
      path: withQuery('/memories/1,1', { namespace }),
      body: { pinned: true },
    })),
    refused('its id onto ours', 'VALIDATION_FAILED', ({ ids, tenantId }, { private: own }) => ({
      path: `/memories/${own[0]?.id}`,
      body: { importance: 0.1, id: ids[0], tenant_id: tenantId },
    })),
  ],
  'DELETE /memories/{address}': [
    refused('its id', 'MEMORY_NOT_FOUND', ({ ids }) => ({ path: `/memories/${ids[0]}` })),
    refused('its id, version and key', 'MEMORY_NOT_FOUND', ({ ids, idempotencyKey }) => ({
      path: `/memories/${ids[1]}`,
      headers: { 'if-match': '"1"', 'idempotency-key': idempotencyKey },
    })),
    refused('its coordinate', 'MEMORY_NOT_FOUND', ({ coordinates }) => ({
      path: withQuery(`/memories/${coordinates[1]}`, { namespace: 'private' }),
    })),
    refused('its namespace', 'MEMORY_NOT_FOUND', ({ namespace }) => ({
      path: withQuery('/memories/1,1', { namespace }),
    })),
  ],
  'POST /memories/search': [
    ownOnly('its words', ({ canary }) => ({
      path: '/memories/search',
      body: { query: `Which note says ${canary}?`, namespace: 'vault', top_k: 50 },
    })),
    ownOnly('its words, tenant in headers', (names) => ({
      path: '/memories/search',
      body: { query: names.canary, namespace: 'private', top_k: 1000 },
      headers: impersonating(names),
    })),
    nothing('its metadata in a filter', NO_MEMORIES, ({ canary }) => ({
      path: '/memories/search',
      body: {
        query: 'note vault',
        namespace: 'vault',
        filter: { 'metadata.owner': { in: [canary] } },
      },
    })),
    nothing('its tag or coordinate', NO_MEMORIES, ({ tag, coordinates }) => ({
      path: '/memories/search',
      body: {
        query: 'note private',
        namespace: 'private',
        filter: { or: [{ tags: tag }, { coordinate: coordinates[0] }] },
      },
    })),
    nothing('its namespace', NO_MEMORIES, ({ namespace, canary }) => ({
      path: '/memories/search',
      body: { query: canary, namespace },
    })),
    refused('its tenant in the body', 'VALIDATION_FAILED', ({ tenantId }) => ({
      path: '/memories/search',
      body: { query: 'note', tenant_id: tenantId },
    })),
    refused('its tenant in the filter', 'FILTER_INVALID', ({ tenantId }) => ({
      path: '/memories/search',
      body: { query: 'note', filter: { tenant_id: { eq: tenantId } } },
    })),
  ],
  'POST /memories/context': [
    ownOnly('its words, tenant in headers', (names) => ({
      path: '/memories/context',
      body: { query: names.canary, namespace: 'private', max_tokens: 20_000, citations: 'ids' },
      headers: impersonating(names),
    })),
    nothing('its namespace', NO_CONTEXT, ({ namespace, canary }) => ({
      path: '/memories/context',
      body: { query: canary, namespace },
    })),
    nothing('its metadata in a filter', NO_CONTEXT, ({ canary }) => ({
      path: '/memories/context',
      body: { query: 'note', namespace: 'vault', filter: { 'metadata.owner': canary } },
    })),
    refused('its tenant in the body', 'VALIDATION_FAILED', ({ tenantId }) => ({
      path: '/memories/context',
      body: { query: 'note', tenant_id: tenantId },
    })),
  ],
  'POST /memories/search/batch': [
    ownOnly('its words, and its tenant in headers', (names) => ({
      path: '/memories/search/batch',
      body: { searches: [{ query: names.canary, namespace: 'private', explain: true }] },
      headers: impersonating(names),
    })),
    nothing(
      'its namespace',
      { results: [{ status: 200, answer: NO_MEMORIES }] },
      ({ namespace, canary }) => ({
        path: '/memories/search/batch',
        body: { searches: [{ query: canary, namespace }] },
      }),
    ),
    refused('its tenant in the body', 'VALIDATION_FAILED', ({ tenantId }) => ({
      path: '/memories/search/batch',
      body: { searches: [{ query: 'note' }], tenant_id: tenantId },
    })),
  ],
  'POST /memories/delete': [
    nothing('its ids', NOTHING_DELETED, ({ ids }) => ({
      path: '/memories/delete',
      body: { ids, dry_run: false },
    })),
    nothing('its ids, counting only', NOTHING_DELETED, ({ ids }) => ({
      path: '/memories/delete',
      body: { ids: ids.map((id) => id.toUpperCase()) },
    })),
    nothing('its metadata in a filter', NOTHING_DELETED, ({ canary }) => ({
      path: '/memories/delete',
      body: { namespace: 'vault', filter: { 'metadata.owner': canary }, dry_run: false },
    })),
    nothing('its namespace', NOTHING_DELETED, ({ namespace }) => ({
      path: '/memories/delete',
      body: { namespace, filter: { importance: { gte: 0 } }, dry_run: false },
    })),
    refused('its tenant in the body', 'VALIDATION_FAILED', ({ tenantId, ids }) => ({
      path: '/memories/delete',
      body: { ids, tenant_id: tenantId, dry_run: false },
    })),
  ],
};
