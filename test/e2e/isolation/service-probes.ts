import type { OperationKey } from './operations.js';
import { impersonating, nothing, ownOnly, type Probe, refused, withQuery } from './probe.js';

const PLANTED = { name: 'planted', scopes: ['memories:read'] };

const publicRoute = (path: string): readonly Probe[] => [
  ownOnly('its tenant in query and headers', (names) => ({
    path: withQuery(path, { tenant_id: names.tenantId, namespace: names.namespace }),
    headers: impersonating(names),
  })),
];

export const SERVICE_PROBES: Readonly<Record<OperationKey, readonly Probe[]>> = {
  'GET /healthz': publicRoute('/healthz'),
  'GET /readyz': publicRoute('/readyz'),
  'GET /health': publicRoute('/health'),
  'GET /metrics': publicRoute('/metrics'),
  'GET /stats': [
    nothing(
      'its namespace',
      { memories: { total: 0, by_namespace: {} }, versions: 0, links: { total: 0 } },
      ({ namespace }) => ({ path: withQuery('/stats', { namespace }) }),
    ),
    refused('its tenant in the query', 'VALIDATION_FAILED', ({ tenantId }) => ({
      path: withQuery('/stats', { tenant_id: tenantId }),
    })),
    ownOnly('its tenant in headers', (names) => ({
      path: '/stats',
      headers: impersonating(names),
    })),
  ],
  'POST /admin/tenants': [
    refused('a tenant of its name', 'SCOPE_MISSING', ({ tenantId }) => ({
      path: '/admin/tenants',
      body: { name: tenantId },
    })),
  ],
  'GET /admin/tenants': [
    refused('every tenant', 'SCOPE_MISSING', () => ({ path: '/admin/tenants' })),
    refused('tenants after its place', 'SCOPE_MISSING', ({ cursor }) => ({
      path: withQuery('/admin/tenants', { cursor }),
    })),
  ],
  'GET /admin/backup': [
    refused('the data of every tenant', 'SCOPE_MISSING', (names) => ({
      path: '/admin/backup',
      headers: impersonating(names),
    })),
    refused('its data alone', 'SCOPE_MISSING', ({ tenantId }) => ({
      path: withQuery('/admin/backup', { tenant_id: tenantId }),
    })),
  ],
  'GET /admin/log-level': [
    refused('how much the service logs', 'SCOPE_MISSING', (names) => ({
      path: '/admin/log-level',
      headers: impersonating(names),
    })),
  ],
  'PUT /admin/log-level': [
    refused('logs that say more', 'SCOPE_MISSING', ({ tenantId }) => ({
      path: '/admin/log-level',
      body: { level: 'trace', tenant_id: tenantId },
    })),
  ],
  'GET /admin/consistency': [
    refused('the counts of every tenant', 'SCOPE_MISSING', (names) => ({
      path: '/admin/consistency',
      headers: impersonating(names),
    })),
    refused('tenants after its place', 'SCOPE_MISSING', ({ cursor }) => ({
      path: withQuery('/admin/consistency', { cursor }),
    })),
  ],
  'POST /admin/reconcile': [
    refused('its tenant', 'SCOPE_MISSING', ({ tenantId }) => ({
      path: '/admin/reconcile',
      body: { tenant: tenantId },
    })),
    refused('its tenant, to look only', 'SCOPE_MISSING', ({ tenantId }) => ({
      path: '/admin/reconcile',
      body: { tenant: tenantId, dry_run: true },
    })),
    refused('every tenant', 'SCOPE_MISSING', () => ({ path: '/admin/reconcile', body: {} })),
  ],
  'POST /admin/reindex': [
    refused('its tenant', 'SCOPE_MISSING', ({ tenantId }) => ({
      path: '/admin/reindex',
      body: { tenant: tenantId },
    })),
    refused('every tenant', 'SCOPE_MISSING', () => ({ path: '/admin/reindex', body: {} })),
  ],
  'GET /admin/reembed': [
    refused('the models of the service', 'SCOPE_MISSING', (names) => ({
      path: '/admin/reembed',
      headers: impersonating(names),
    })),
  ],
  'POST /admin/reembed': [
    refused('another model for everybody', 'SCOPE_MISSING', () => ({
      path: '/admin/reembed',
      body: { model: 'hash', dimension: 64 },
    })),
  ],
  'DELETE /admin/reembed': [
    refused('the end of a change', 'SCOPE_MISSING', () => ({ path: '/admin/reembed' })),
  ],
  'POST /admin/reembed/switch': [
    refused('a switch', 'SCOPE_MISSING', () => ({ path: '/admin/reembed/switch' })),
  ],
  'POST /admin/reembed/rollback': [
    refused('the way back', 'SCOPE_MISSING', () => ({ path: '/admin/reembed/rollback' })),
  ],
  'POST /admin/reembed/finish': [
    refused('the end of the way back', 'SCOPE_MISSING', () => ({ path: '/admin/reembed/finish' })),
  ],
  'DELETE /admin/tenants/{tenant}': [
    refused('its tenant', 'SCOPE_MISSING', (names) => ({
      path: `/admin/tenants/${names.tenantId}`,
      headers: impersonating(names),
    })),
  ],
  'GET /admin/deletions/{id}': [
    refused('its deletion', 'SCOPE_MISSING', ({ receiptId }) => ({
      path: `/admin/deletions/${receiptId}`,
    })),
  ],
  'GET /deletions/{id}': [
    refused('its deletion', 'DELETION_NOT_FOUND', ({ receiptId }) => ({
      path: `/deletions/${receiptId}`,
    })),
    refused('its deletion, with its memory', 'DELETION_NOT_FOUND', ({ receiptId, ids }) => ({
      path: withQuery(`/deletions/${receiptId}`, { memory: ids[0] }),
    })),
    refused('its tenant in the query', 'VALIDATION_FAILED', ({ receiptId, tenantId }) => ({
      path: withQuery(`/deletions/${receiptId}`, { tenant_id: tenantId }),
    })),
  ],
  'GET /admin/audit': [
    refused('its events', 'TENANT_NOT_FOUND', ({ tenantId }) => ({
      path: withQuery('/admin/audit', { tenant: tenantId }),
    })),
    refused('its events, in capitals', 'TENANT_NOT_FOUND', ({ tenantId }) => ({
      path: withQuery('/admin/audit', { tenant: tenantId.toUpperCase() }),
    })),
    refused('its cursor', 'CURSOR_INVALID', ({ cursor }) => ({
      path: withQuery('/admin/audit', { cursor }),
    })),
    ownOnly('what was done to its memory', ({ ids }) => ({
      path: withQuery('/admin/audit', { memory: ids[0] }),
    })),
    ownOnly('its tenant in headers', (names) => ({
      path: '/admin/audit',
      headers: impersonating(names),
    })),
  ],
  'GET /admin/audit/export': [
    refused('its events', 'TENANT_NOT_FOUND', ({ tenantId }) => ({
      path: withQuery('/admin/audit/export', { tenant: tenantId }),
    })),
    refused('those of the service', 'TENANT_NOT_FOUND', () => ({
      path: withQuery('/admin/audit/export', { tenant: 'service' }),
    })),
    ownOnly('what was done to its memory', ({ ids }) => ({
      path: withQuery('/admin/audit/export', { memory: ids[0] }),
    })),
    ownOnly('its tenant in headers', (names) => ({
      path: '/admin/audit/export',
      headers: impersonating(names),
    })),
  ],
  'GET /admin/audit/verify': [
    refused('its chain', 'TENANT_NOT_FOUND', ({ tenantId }) => ({
      path: withQuery('/admin/audit/verify', { tenant: tenantId }),
    })),
    ownOnly('its tenant in headers', (names) => ({
      path: '/admin/audit/verify',
      headers: impersonating(names),
    })),
  ],
  'POST /admin/tenants/{tenant}/tokens': [
    refused('its tenant', 'TENANT_NOT_FOUND', ({ tenantId }) => ({
      path: `/admin/tenants/${tenantId}/tokens`,
      body: PLANTED,
    })),
    refused('its tenant in capitals', 'TENANT_NOT_FOUND', ({ tenantId }) => ({
      path: `/admin/tenants/${tenantId.toUpperCase()}/tokens`,
      body: PLANTED,
    })),
    refused('its tenant in the body', 'VALIDATION_FAILED', ({ tenantId }, { client }) => ({
      path: `/admin/tenants/${client.tenantId}/tokens`,
      body: { ...PLANTED, tenant_id: tenantId },
    })),
  ],
  'GET /admin/tenants/{tenant}/tokens': [
    refused('its tenant', 'TENANT_NOT_FOUND', (names) => ({
      path: `/admin/tenants/${names.tenantId}/tokens`,
      headers: impersonating(names),
    })),
  ],
  'GET /admin/tenants/{tenant}': [
    refused('its tenant', 'TENANT_NOT_FOUND', (names) => ({
      path: `/admin/tenants/${names.tenantId}`,
      headers: impersonating(names),
    })),
  ],
  'GET /admin/tenants/{tenant}/usage': [
    refused('its tenant', 'TENANT_NOT_FOUND', (names) => ({
      path: `/admin/tenants/${names.tenantId}/usage`,
      headers: impersonating(names),
    })),
  ],
  'GET /admin/tenants/{tenant}/quotas': [
    refused('its tenant', 'TENANT_NOT_FOUND', (names) => ({
      path: `/admin/tenants/${names.tenantId}/quotas`,
      headers: impersonating(names),
    })),
  ],
  'PUT /admin/tenants/{tenant}/quotas': [
    refused('its tenant', 'SCOPE_MISSING', ({ tenantId }) => ({
      path: `/admin/tenants/${tenantId}/quotas`,
      body: { memories: 1 },
    })),
  ],
  'POST /admin/quotas/verify': [
    refused('its tenant', 'SCOPE_MISSING', ({ tenantId }) => ({
      path: '/admin/quotas/verify',
      body: { tenant: tenantId, repair: true },
    })),
    refused('every tenant', 'SCOPE_MISSING', () => ({ path: '/admin/quotas/verify', body: {} })),
  ],
  'POST /admin/tenants/{tenant}/suspend': [
    refused('its tenant', 'SCOPE_MISSING', ({ tenantId }) => ({
      path: `/admin/tenants/${tenantId}/suspend`,
      body: {},
    })),
  ],
  'POST /admin/tenants/{tenant}/resume': [
    refused('its tenant', 'SCOPE_MISSING', ({ tenantId }) => ({
      path: `/admin/tenants/${tenantId}/resume`,
      body: {},
    })),
  ],
  'POST /admin/tenants/{tenant}/tokens/{token}/rotate': [
    refused('its tenant and token', 'TENANT_NOT_FOUND', ({ tenantId, tokenId }) => ({
      path: `/admin/tenants/${tenantId}/tokens/${tokenId}/rotate`,
      body: {},
    })),
    refused('its token under ours', 'TOKEN_NOT_FOUND', ({ tokenId }, { client }) => ({
      path: `/admin/tenants/${client.tenantId}/tokens/${tokenId}/rotate`,
      body: {},
    })),
    refused('our token under its tenant', 'TENANT_NOT_FOUND', ({ tenantId }, own) => ({
      path: `/admin/tenants/${tenantId}/tokens/${own.spareTokenId}/rotate`,
      body: {},
    })),
  ],
  'DELETE /admin/tenants/{tenant}/tokens/{token}': [
    refused('its tenant and token', 'TENANT_NOT_FOUND', ({ tenantId, tokenId }) => ({
      path: `/admin/tenants/${tenantId}/tokens/${tokenId}`,
    })),
    refused('its token under ours', 'TOKEN_NOT_FOUND', ({ tokenId }, { client }) => ({
      path: `/admin/tenants/${client.tenantId}/tokens/${tokenId}`,
    })),
    refused('our token under its tenant', 'TENANT_NOT_FOUND', ({ tenantId }, own) => ({
      path: `/admin/tenants/${tenantId}/tokens/${own.spareTokenId}`,
    })),
  ],
};
