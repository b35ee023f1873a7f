import type { OperationKey } from './operations.js';
import { impersonating, type Probe, refused, withQuery } from './probe.js';
import type { Party } from './party.js';

const ownId = ({ private: own }: Party): string => own[0]?.id ?? '';

export const GRAPH_PROBES: Readonly<Record<OperationKey, readonly Probe[]>> = {
  'POST /graph/link': [
    refused('from its id to ours', 'MEMORY_NOT_FOUND', ({ ids }, own) => ({
      path: '/graph/link',
      body: { from_id: ids[0], to_id: ownId(own), link_type: 'planted' },
    })),
    refused('from ours to its id', 'MEMORY_NOT_FOUND', ({ ids }, own) => ({
      path: '/graph/link',
      body: { from_id: ownId(own), to_id: ids[1], link_type: 'planted' },
    })),
    refused('its link, anew, with its key', 'MEMORY_NOT_FOUND', ({ ids, idempotencyKey }) => ({
      path: '/graph/link',
      body: { from_id: ids[0], to_id: ids[1], link_type: 'next', strength: 0 },
      headers: { 'idempotency-key': idempotencyKey },
    })),
    refused('its coordinates', 'MEMORY_NOT_FOUND', ({ coordinates: [from, to] }) => ({
      path: '/graph/link',
      body: { from_coord: from, to_coord: to, namespace: 'private', link_type: 'next' },
    })),
    refused('its namespace', 'MEMORY_NOT_FOUND', ({ namespace }) => ({
      path: '/graph/link',
      body: { from_coord: '1,1', to_coord: '1,1', namespace },
    })),
    refused('its tenant in the body', 'VALIDATION_FAILED', ({ ids, tenantId }) => ({
      path: '/graph/link',
      body: { from_id: ids[0], to_id: ids[1], tenant_id: tenantId },
    })),
  ],
  'DELETE /graph/link': [
    refused('its ids', 'MEMORY_NOT_FOUND', ({ ids: [from, to] }) => ({
      path: '/graph/link',
      body: { from_id: from, to_id: to },
    })),
    refused('its ids, type and key', 'MEMORY_NOT_FOUND', ({ ids, idempotencyKey }) => ({
      path: '/graph/link',
      body: { from_id: ids[0], to_id: ids[1], link_type: 'next' },
      headers: { 'idempotency-key': idempotencyKey },
    })),
    refused('from ours to its id', 'MEMORY_NOT_FOUND', ({ ids }, own) => ({
      path: '/graph/link',
      body: { from_id: ownId(own), to_id: ids[0] },
    })),
    refused('its coordinates', 'MEMORY_NOT_FOUND', ({ coordinates: [from, to] }) => ({
      path: '/graph/link',
      body: { from_coord: from, to_coord: to, namespace: 'private' },
    })),
  ],
  'GET /graph/neighbors': [
    refused('its id', 'MEMORY_NOT_FOUND', ({ ids }) => ({
      path: withQuery('/graph/neighbors', { id: ids[0] }),
    })),
    refused('its id, deep, tenant in headers', 'MEMORY_NOT_FOUND', (names) => ({
      path: withQuery('/graph/neighbors', { id: names.ids[1], depth: '6', limit: '200' }),
      headers: impersonating(names),
    })),
    refused('its coordinate', 'MEMORY_NOT_FOUND', ({ coordinates }) => ({
      path: withQuery('/graph/neighbors', { coord: coordinates[0], namespace: 'private' }),
    })),
    refused('its namespace', 'MEMORY_NOT_FOUND', ({ namespace }) => ({
      path: withQuery('/graph/neighbors', { coord: '1,1', namespace }),
    })),
    refused('its tenant in the query', 'VALIDATION_FAILED', ({ ids, tenantId }) => ({
      path: withQuery('/graph/neighbors', { id: ids[0], tenant_id: tenantId }),
    })),
  ],
  'GET /graph/path': [
    refused('between its ids', 'MEMORY_NOT_FOUND', ({ ids: [from, to] }) => ({
      path: withQuery('/graph/path', { from_id: from, to_id: to }),
    })),
    refused('from ours to its id', 'MEMORY_NOT_FOUND', ({ ids }, own) => ({
      path: withQuery('/graph/path', { from_id: ownId(own), to_id: ids[1], weight: 'strength' }),
    })),
    refused('between its coordinates', 'MEMORY_NOT_FOUND', ({ coordinates: [from, to] }) => ({
      path: withQuery('/graph/path', { from_coord: from, to_coord: to, namespace: 'private' }),
    })),
    refused('its tenant in the query', 'VALIDATION_FAILED', ({ ids: [from, to], tenantId }) => ({
      path: withQuery('/graph/path', { from_id: from, to_id: to, tenant_id: tenantId }),
    })),
  ],
};
