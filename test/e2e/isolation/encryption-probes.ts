import type { OperationKey } from './operations.js';
import { impersonating, type Probe, refused } from './probe.js';

const pathOf = (tenantId: string, rest = ''): string =>
  `/admin/tenants/${tenantId}/encryption${rest}`;

/** All of it is the operator's: a tenant sees neither its own nor another's. */
export const ENCRYPTION_PROBES: Readonly<Record<OperationKey, readonly Probe[]>> = {
  'GET /admin/tenants/{tenant}/encryption': [
    refused('its keys', 'SCOPE_MISSING', (names) => ({
      path: pathOf(names.tenantId),
      headers: impersonating(names),
    })),
  ],
  'PUT /admin/tenants/{tenant}/encryption': [
    refused('its encryption, to end it', 'SCOPE_MISSING', ({ tenantId }) => ({
      path: pathOf(tenantId),
      body: { policy: 'off' },
    })),
    refused('our own encryption', 'SCOPE_MISSING', (_names, { client }) => ({
      path: pathOf(client.tenantId),
      body: { policy: 'all' },
    })),
  ],
  'POST /admin/tenants/{tenant}/encryption/apply': [
    refused('its rows', 'SCOPE_MISSING', ({ tenantId, cursor }) => ({
      path: pathOf(tenantId, '/apply'),
      body: { cursor },
    })),
  ],
  'POST /admin/tenants/{tenant}/encryption/rotate': [
    refused('its data key', 'SCOPE_MISSING', ({ tenantId }) => ({
      path: pathOf(tenantId, '/rotate'),
    })),
  ],
  'POST /admin/encryption/rewrap': [
    refused('its keys', 'SCOPE_MISSING', ({ tenantId }) => ({
      path: '/admin/encryption/rewrap',
      body: { tenant: tenantId },
    })),
    refused('the keys of every tenant', 'SCOPE_MISSING', () => ({
      path: '/admin/encryption/rewrap',
      body: {},
    })),
  ],
};
