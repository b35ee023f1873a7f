import { memoryId, tenantId, TenantScope } from '@soma/core';
import { blankAttributes } from '../blank-attributes.js';
import type { IndexEntry } from '../vector-index.js';

/** The tenant of canaries: no real tenant has the nil UUID. */
export const CANARY_SCOPE = TenantScope.of(tenantId('00000000-0000-0000-0000-000000000000'));
export const CANARY_NAMESPACE = 'canary';

/**
 * The first row of every collection. Finding it proves that searches are answered: after a crash
 * the server says for minutes that all is loaded, and finds nothing.
 */
export function canaryEntry(dimension: number): IndexEntry {
  const vector = new Float32Array(dimension);
  vector[0] = 1;
  return {
    entryId: 'canary',
    memoryId: memoryId('canary'),
    namespace: CANARY_NAMESPACE,
    model: CANARY_NAMESPACE,
    vector,
    attributes: blankAttributes(CANARY_NAMESPACE),
  };
}
