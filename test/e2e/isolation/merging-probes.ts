import type { OperationKey } from './operations.js';
import { impersonating, ownOnly, type Probe, refused, withQuery } from './probe.js';

const ofMemory = (name: string, body?: object): readonly Probe[] => [
  refused('its memory by id', 'MEMORY_NOT_FOUND', ({ ids }) => ({
    path: `/memories/${ids[0]}/${name}`,
    body,
  })),
  refused('its merged memory by id, tenant in headers', 'MEMORY_NOT_FOUND', (names) => ({
    path: `/memories/${names.mergedId}/${name}`,
    headers: impersonating(names),
    body,
  })),
  refused('its memory by coordinate', 'MEMORY_NOT_FOUND', ({ coordinates }) => ({
    path: withQuery(`/memories/${coordinates[0]}/${name}`, { namespace: 'private' }),
    body,
  })),
  refused('its tenant in the query', 'VALIDATION_FAILED', ({ ids, tenantId }) => ({
    path: withQuery(`/memories/${ids[0]}/${name}`, { tenant_id: tenantId }),
    body,
  })),
];

export const MERGING_PROBES: Readonly<Record<OperationKey, readonly Probe[]>> = {
  'POST /hierarchy/duplicates': [
    ownOnly('its namespace', ({ namespace }) => ({
      path: '/hierarchy/duplicates',
      body: { namespace },
    })),
    refused('its tenant in the body', 'VALIDATION_FAILED', ({ tenantId }) => ({
      path: '/hierarchy/duplicates',
      body: { dry_run: false, tenant_id: tenantId },
    })),
    refused('its cursor', 'CURSOR_INVALID', ({ cursor }) => ({
      path: '/hierarchy/duplicates',
      body: { cursor },
    })),
  ],
  'GET /memories/{address}/merged': ofMemory('merged'),
  'POST /memories/{address}/unmerge': ofMemory('unmerge', {}),
};
