import { memoryId, tenantId, TenantScope } from '@soma/core';
import type { Filter } from '@soma/filter';
import type { IndexEntry } from '@soma/vector-index';
import { corpusOf } from './corpus.ts';
import type { VectorKind } from './corpus.ts';

/** Shares of a tenant's memories that a filter lets through. */
export const SELECTIVITIES = [1, 0.1, 0.01, 0.001] as const;

export const NAMESPACE = 'recall';

export interface Tenant {
  readonly scope: TenantScope;
  readonly entries: readonly IndexEntry[];
  readonly queries: readonly Float32Array[];
}

/** Multiples of it, wholes left out, fall evenly over 0 to 1. */
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

/** A tenant with so many memories, the same for the same seed. Tenants of other sizes share no id. */
export async function tenantOf(
  kind: VectorKind,
  options: { size: number; queries: number; seed: number },
): Promise<Tenant> {
  const { size, queries, seed } = options;
  const scope = TenantScope.of(tenantId(uuidOf(seed, size)));
  const corpus = await corpusOf(kind, scope, { vectors: size, queries, seed: seed + size });
  const entries = corpus.vectors.map((vector, position) => ({
    entryId: uuidOf(size, position),
    memoryId: memoryId(uuidOf(size, position)),
    namespace: NAMESPACE,
    model: modelOf(kind),
    vector,
    attributes: {
      memory_type: 'episodic',
      tier: 0,
      importance: (position * GOLDEN_RATIO) % 1,
      trust: 1,
      created_at: position,
      updated_at: position,
      coordinate: String(position),
      tags: [],
      session_id: null,
      speaker: null,
      occurred_at: null,
      metadata: {},
    },
  }));
  return { scope, entries, queries: corpus.queries };
}

export const modelOf = (kind: VectorKind): string => `recall-${kind}`;

/** Lets this share of a tenant's memories through, whatever their vectors are. */
export function filterOf(selectivity: number): Filter | undefined {
  if (selectivity === 1) return undefined;
  const field = { kind: 'column', name: 'importance' } as const;
  return { kind: 'compare', field, op: 'lt', value: selectivity };
}

function uuidOf(high: number, low: number): string {
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
  return `${hex(high >>> 0, 8)}-0000-7000-8000-${hex(low, 12)}`;
}
