import type { OperationKey } from './operations.js';
import { impersonating, nothing, ownOnly, type Probe, refused, withQuery } from './probe.js';

const NO_NODES = { nodes: [], next_cursor: null };

export const HIERARCHY_PROBES: Readonly<Record<OperationKey, readonly Probe[]>> = {
  'POST /hierarchy/consolidate': [
    nothing('its namespace', { created: 0, removed: 0 }, ({ namespace }) => ({
      path: '/hierarchy/consolidate',
      body: { namespace },
    })),
    refused('its tenant in the body', 'VALIDATION_FAILED', ({ tenantId }) => ({
      path: '/hierarchy/consolidate',
      body: { tenant_id: tenantId },
    })),
    ownOnly('its tenant in headers', (names) => ({
      path: '/hierarchy/consolidate',
      body: { namespace: 'vault' },
      headers: impersonating(names),
    })),
  ],
  'GET /hierarchy/tree': [
    nothing('its namespace', NO_NODES, ({ namespace }) => ({
      path: withQuery('/hierarchy/tree', { namespace, depth: '12' }),
    })),
    refused('its memory as root', 'MEMORY_NOT_FOUND', ({ ids }) => ({
      path: withQuery('/hierarchy/tree', { root: ids[0], namespace: 'private' }),
    })),
    refused('its cursor', 'CURSOR_INVALID', ({ cursor }) => ({
      path: withQuery('/hierarchy/tree', { namespace: 'vault', cursor }),
    })),
    refused('its tenant in the query', 'VALIDATION_FAILED', ({ tenantId }) => ({
      path: withQuery('/hierarchy/tree', { namespace: 'vault', tenant_id: tenantId }),
    })),
  ],
  'GET /memories/{address}/sources': [
    refused('its id', 'MEMORY_NOT_FOUND', ({ ids }) => ({ path: `/memories/${ids[0]}/sources` })),
    refused('its id, upwards, tenant in headers', 'MEMORY_NOT_FOUND', (names) => ({
      path: `/memories/${names.ids[1]}/sources?direction=up&depth=12`,
      headers: impersonating(names),
    })),
    refused('its coordinate', 'MEMORY_NOT_FOUND', ({ coordinates }) => ({
      path: withQuery(`/memories/${coordinates[0]}/sources`, { namespace: 'private' }),
    })),
  ],
  'POST /hierarchy/reflect': [
    nothing('its namespace', { looked_at: 0, groups: [] }, ({ namespace }) => ({
      path: '/hierarchy/reflect',
      body: { namespace, n: 200 },
    })),
    refused('its tenant in the body', 'VALIDATION_FAILED', ({ tenantId }) => ({
      path: '/hierarchy/reflect',
      body: { n: 5, tenant_id: tenantId },
    })),
  ],
  'POST /hierarchy/summarize': [
    refused('its ids', 'MEMORY_NOT_FOUND', ({ ids }) => ({
      path: '/hierarchy/summarize',
      body: { ids: [ids[0]], namespace: 'private' },
    })),
    refused('its id beside ours, to be stored', 'MEMORY_NOT_FOUND', ({ ids }, own) => ({
      path: '/hierarchy/summarize',
      body: { ids: [own.private[0]?.id, ids[1]], namespace: 'private', store: true },
    })),
    refused('its namespace', 'MEMORY_NOT_FOUND', ({ namespace }) => ({
      path: '/hierarchy/summarize',
      body: { namespace, filter: { importance: { gte: 0 } } },
    })),
    refused('its metadata in a filter', 'MEMORY_NOT_FOUND', ({ canary }) => ({
      path: '/hierarchy/summarize',
      body: { namespace: 'vault', filter: { 'metadata.owner': canary } },
    })),
  ],
};
