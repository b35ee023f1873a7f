import type { OperationKey } from './operations.js';
import { impersonating, nothing, type Probe, refused, withQuery } from './probe.js';

const EVER = '2020-01-01T00:00:00.000Z';

export const TRUST_PROBES: Readonly<Record<OperationKey, readonly Probe[]>> = {
  'GET /admin/tenants/{tenant}/quarantine': [
    refused('its tenant', 'TENANT_NOT_FOUND', (names) => ({
      path: `/admin/tenants/${names.tenantId}/quarantine`,
      headers: impersonating(names),
    })),
    nothing('its token and namespace', { writes: [] }, ({ tokenId, namespace }, { client }) => ({
      path: withQuery(`/admin/tenants/${client.tenantId}/quarantine`, {
        token: tokenId,
        namespace,
      }),
    })),
    refused('its place', 'CURSOR_INVALID', ({ cursor }, { client }) => ({
      path: withQuery(`/admin/tenants/${client.tenantId}/quarantine`, { cursor }),
    })),
  ],
  'POST /admin/tenants/{tenant}/quarantine/release': [
    refused('its tenant', 'TENANT_NOT_FOUND', ({ tenantId, tokenId }) => ({
      path: `/admin/tenants/${tenantId}/quarantine/release`,
      body: { token: tokenId },
    })),
    nothing('its ids', { released: [], failed: [], remaining: 0 }, ({ ids }, { client }) => ({
      path: `/admin/tenants/${client.tenantId}/quarantine/release`,
      body: { ids },
    })),
  ],
  'POST /admin/tenants/{tenant}/quarantine/reject': [
    refused('its tenant', 'TENANT_NOT_FOUND', ({ tenantId, tokenId }) => ({
      path: `/admin/tenants/${tenantId}/quarantine/reject`,
      body: { token: tokenId },
    })),
    nothing('its ids', { deleted: 0, remaining: 0, receipt_id: null }, ({ ids }, { client }) => ({
      path: `/admin/tenants/${client.tenantId}/quarantine/reject`,
      body: { ids },
    })),
  ],
  'POST /admin/tenants/{tenant}/rollback': [
    refused('its tenant and token', 'TENANT_NOT_FOUND', ({ tenantId, tokenId }) => ({
      path: `/admin/tenants/${tenantId}/rollback`,
      body: { token: tokenId, since: EVER, dry_run: false },
    })),
    refused('its token under ours', 'TOKEN_NOT_FOUND', ({ tokenId }, { client }) => ({
      path: `/admin/tenants/${client.tenantId}/rollback`,
      body: { token: tokenId, since: EVER, dry_run: false },
    })),
  ],
};
