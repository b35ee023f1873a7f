import type { OperationKey } from './operations.js';
import { impersonating, ownOnly, type Probe, refused, withQuery } from './probe.js';

const pathOf = (namespace: string): string => `/namespaces/${encodeURIComponent(namespace)}`;

export const NAMESPACE_PROBES: Readonly<Record<OperationKey, readonly Probe[]>> = {
  'GET /namespaces': [
    ownOnly('its tenant in headers', (names) => ({
      path: '/namespaces?limit=200',
      headers: impersonating(names),
    })),
    refused('its tenant in the query', 'VALIDATION_FAILED', ({ tenantId }) => ({
      path: withQuery('/namespaces', { tenant_id: tenantId }),
    })),
    refused('its cursor', 'CURSOR_INVALID', ({ cursor }) => ({
      path: withQuery('/namespaces', { cursor }),
    })),
  ],
  'GET /namespaces/{namespace}': [
    refused('its namespace', 'NAMESPACE_NOT_FOUND', ({ namespace }) => ({
      path: pathOf(namespace),
    })),
    refused('its namespace, tenant in headers', 'NAMESPACE_NOT_FOUND', (names) => ({
      path: pathOf(names.namespace),
      headers: impersonating(names),
    })),
  ],
  'PUT /namespaces/{namespace}': [
    refused('its tenant in the body', 'VALIDATION_FAILED', ({ namespace, tenantId }) => ({
      path: pathOf(namespace),
      body: { language: 'german', tenant_id: tenantId },
    })),
    // Were it made in the other tenant, that one's list would show our mark.
    ownOnly('its tenant in headers', (names, { base }) => ({
      path: pathOf(`${base},planted`),
      body: { language: 'german' },
      headers: impersonating(names),
    })),
    ownOnly('a namespace of the same name, with its key', ({ idempotencyKey }) => ({
      path: pathOf('vault'),
      body: { language: 'english' },
      headers: { 'idempotency-key': `language-${idempotencyKey}` },
    })),
  ],
  'DELETE /namespaces/{namespace}': [
    refused('its namespace', 'NAMESPACE_NOT_FOUND', ({ namespace }) => ({
      path: pathOf(namespace),
    })),
    refused('its namespace, tenant in headers', 'NAMESPACE_NOT_FOUND', (names) => ({
      path: pathOf(names.namespace),
      headers: impersonating(names),
    })),
    refused('its namespace, with its key', 'NAMESPACE_NOT_FOUND', (names) => ({
      path: pathOf(names.namespace),
      headers: { 'idempotency-key': `delete-${names.idempotencyKey}` },
    })),
  ],
};
