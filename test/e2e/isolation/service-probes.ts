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
