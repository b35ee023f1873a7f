import type { OperationKey } from './operations.js';
import { impersonating, ownOnly, type Probe, refused, withQuery } from './probe.js';

const ofMemory = (name: string, body?: object): readonly Probe[] => [
  refused('its memory by id', 'MEMORY_NOT_FOUND', ({ ids }) => ({
    path: `/memories/${ids[0]}/${name}`,
    body,
  })),
  refused('its memory by coordinate, tenant in headers', 'MEMORY_NOT_FOUND', (names) => ({
    path: withQuery(`/memories/${names.coordinates[0]}/${name}`, { namespace: 'private' }),
    headers: impersonating(names),
    body,
  })),
  refused('its tenant in the query', 'VALIDATION_FAILED', ({ ids, tenantId }) => ({
    path: withQuery(`/memories/${ids[0]}/${name}`, { tenant_id: tenantId }),
    body,
  })),
];

const ofTenant = (body?: object): readonly Probe[] => [
  refused('its tenant', 'TENANT_NOT_FOUND', (names) => ({
    path: `/admin/tenants/${names.tenantId}/decay-policy`,
    headers: impersonating(names),
    body,
  })),
];

export const FORGETTING_PROBES: Readonly<Record<OperationKey, readonly Probe[]>> = {
  'GET /memories/{address}/salience': ofMemory('salience'),
  'GET /memories/{address}/feedback': ofMemory('feedback'),
  'POST /memories/{address}/feedback': [
    ...ofMemory('feedback', { reward: 1 }),
    ...ofMemory('feedback', { outcome: 'Something else.' }),
  ],
  'PUT /memories/{address}/hold': ofMemory('hold', { reason: 'mine' }),
  'DELETE /memories/{address}/hold': ofMemory('hold'),
  'GET /admin/tenants/{tenant}/decay-policy': ofTenant(),
  'PUT /admin/tenants/{tenant}/decay-policy': ofTenant({ prune: { below: 1 } }),
  'DELETE /admin/tenants/{tenant}/decay-policy': ofTenant(),
  'POST /hierarchy/decay': [
    ownOnly('its namespace, under a policy of ours', ({ namespace }) => ({
      path: '/hierarchy/decay',
      body: { dry_run: true, namespace, policy: { prune: { below: 1 } } },
    })),
    refused('its tenant in the body', 'VALIDATION_FAILED', ({ tenantId }) => ({
      path: '/hierarchy/decay',
      body: { dry_run: false, tenant_id: tenantId },
    })),
    refused('its cursor', 'CURSOR_INVALID', ({ cursor }) => ({
      path: '/hierarchy/decay',
      body: { dry_run: true, policy: { prune: { below: 1 } }, cursor },
    })),
  ],
  'GET /hierarchy/archive': [
    ownOnly('its namespace', ({ namespace }) => ({
      path: withQuery('/hierarchy/archive', { namespace }),
    })),
    refused('its cursor', 'CURSOR_INVALID', ({ cursor }) => ({
      path: withQuery('/hierarchy/archive', { cursor }),
    })),
  ],
  'POST /hierarchy/archive/{id}/restore': [
    refused('its archived memory', 'ARCHIVE_NOT_FOUND', ({ archivedId }) => ({
      path: `/hierarchy/archive/${archivedId}/restore`,
      body: {},
    })),
    refused('its archived memory, to a place of ours', 'ARCHIVE_NOT_FOUND', (names) => ({
      path: `/hierarchy/archive/${names.archivedId}/restore`,
      headers: impersonating(names),
      body: { coord: '3,1' },
    })),
  ],
  'DELETE /hierarchy/archive/{id}': [
    refused('its archived memory', 'ARCHIVE_NOT_FOUND', ({ archivedId }) => ({
      path: `/hierarchy/archive/${archivedId}`,
    })),
  ],
};
