import { NDJSON } from '../transfer-client.js';
import type { OperationKey } from './operations.js';
import { impersonating, nothing, ownOnly, type Probe, refused, withQuery } from './probe.js';

const exported = (query: Readonly<Record<string, string>>) => ({
  path: withQuery('/memories/export', query),
});
/** A body of one line. */
const imported = (line: object, query: Readonly<Record<string, string>> = {}) => ({
  path: withQuery('/memories/import', { namespace: 'private', ...query }),
  body: line,
  headers: { 'content-type': NDJSON },
});
const FAILED = { stored: 0, replaced: 0, skipped: 0, failed: 1 };

export const TRANSFER_PROBES: Readonly<Record<OperationKey, readonly Probe[]>> = {
  'GET /memories/export': [
    nothing('its namespace', {}, ({ namespace }) => exported({ namespace })),
    nothing('its tag', {}, ({ tag }) => exported({ namespace: 'private', tag })),
    nothing('its metadata in a filter', {}, ({ canary }) =>
      exported({ namespace: 'vault', filter: JSON.stringify({ 'metadata.owner': canary }) }),
    ),
    nothing('its coordinates as a box', {}, ({ coordinates: [min, max] }) =>
      exported({ namespace: 'private', min_coord: min, max_coord: max }),
    ),
    refused('what comes after its coordinate', 'MEMORY_NOT_FOUND', ({ coordinates }) =>
      exported({ namespace: 'private', after: coordinates[0] }),
    ),
    refused('its tenant in the query', 'VALIDATION_FAILED', ({ tenantId }) =>
      exported({ tenant: tenantId }),
    ),
    ownOnly('its tenant in headers', (names) => ({
      ...exported({ namespace: 'vault' }),
      headers: impersonating(names),
    })),
  ],
  'POST /memories/import': [
    nothing('a link between its coordinates', FAILED, ({ coordinates: [from, to] }) =>
      imported({ link: { from_coord: from, to_coord: to } }, { on_conflict: 'replace' }),
    ),
    nothing('a memory that links to its coordinate', FAILED, ({ coordinates }, { canary }) =>
      imported({
        coord: '3,1',
        content: `Mine: ${canary}`,
        links: [{ to_coord: coordinates[0] }],
      }),
    ),
    nothing('its tenant in a line', FAILED, ({ tenantId }) =>
      imported({ content: 'Planted.', tenant_id: tenantId, tenantId }),
    ),
    nothing('its id in a line', FAILED, ({ ids }) => imported({ content: 'Planted.', id: ids[0] })),
    nothing('its namespace in a line', FAILED, ({ namespace }) =>
      imported({ content: 'Planted.', namespace }),
    ),
    refused('its tenant in the query', 'VALIDATION_FAILED', ({ tenantId }) =>
      imported({ content: 'Planted.' }, { tenant: tenantId }),
    ),
  ],
};
