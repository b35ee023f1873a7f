import { randomBytes } from 'node:crypto';
import type { OperationKey } from './operations.js';
import { impersonating, ownOnly, type Probe, refused, withQuery } from './probe.js';

const pathOf = (name: string): string => `/locks/${encodeURIComponent(name)}`;

export const LOCK_PROBES: Readonly<Record<OperationKey, readonly Probe[]>> = {
  'POST /locks': [
    refused('its tenant in the body', 'VALIDATION_FAILED', ({ namespace, tenantId }) => ({
      path: '/locks',
      body: { name: namespace, ttl_ms: 1_000, tenant_id: tenantId },
    })),
    refused('its lease in the body', 'VALIDATION_FAILED', ({ namespace, lockToken }) => ({
      path: '/locks',
      body: { name: namespace, ttl_ms: 1_000, token: lockToken },
    })),
    ownOnly(
      'its tenant in headers',
      (names) => ({
        path: '/locks',
        body: { name: `planted-${randomBytes(6).toString('hex')}`, ttl_ms: 1_000 },
        headers: impersonating(names),
      }),
      201,
    ),
  ],
  'POST /locks/{name}/renew': [
    refused('its lock with its lease', 'LOCK_NOT_HELD', ({ namespace, lockToken }) => ({
      path: `${pathOf(namespace)}/renew`,
      body: { token: lockToken, ttl_ms: 100 },
    })),
    refused('its lock with its lease, tenant in headers', 'LOCK_NOT_HELD', (names) => ({
      path: `${pathOf(names.namespace)}/renew`,
      body: { token: names.lockToken, ttl_ms: 100 },
      headers: impersonating(names),
    })),
    refused('its lock with its lease and key', 'LOCK_NOT_HELD', (names) => ({
      path: `${pathOf(names.namespace)}/renew`,
      body: { token: names.lockToken, ttl_ms: 100 },
      headers: { 'idempotency-key': `renew-${names.idempotencyKey}` },
    })),
    // A lock that bears our own namespace's name, which we hold.
    refused('our lock with its lease', 'LOCK_NOT_HELD', ({ lockToken }, { namespace }) => ({
      path: `${pathOf(namespace)}/renew`,
      body: { token: lockToken, ttl_ms: 100 },
    })),
  ],
  'DELETE /locks/{name}': [
    refused('its lock with its lease', 'LOCK_NOT_HELD', ({ namespace, lockToken }) => ({
      path: pathOf(namespace),
      body: { token: lockToken },
    })),
    refused('its lock with its lease in headers', 'LOCK_NOT_HELD', (names) => ({
      path: pathOf(names.namespace),
      headers: { ...impersonating(names), 'x-lock-token': names.lockToken },
    })),
    refused('our lock with its lease', 'LOCK_NOT_HELD', ({ lockToken }, { namespace }) => ({
      path: pathOf(namespace),
      body: { token: lockToken },
    })),
    refused('its tenant in the body', 'VALIDATION_FAILED', (names) => ({
      path: pathOf(names.namespace),
      body: { token: names.lockToken, tenant_id: names.tenantId },
    })),
  ],
  'GET /locks/{name}': [
    refused('its lock', 'LOCK_NOT_FOUND', ({ namespace }) => ({ path: pathOf(namespace) })),
    refused('its lock, tenant in headers', 'LOCK_NOT_FOUND', (names) => ({
      path: pathOf(names.namespace),
      headers: impersonating(names),
    })),
    refused('its lock, tenant in the query', 'LOCK_NOT_FOUND', ({ namespace, tenantId }) => ({
      path: withQuery(pathOf(namespace), { tenant_id: tenantId }),
    })),
  ],
};
