import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { memoryId, tenantId, TenantScope } from '@soma/core';
import type { FilterableMemory } from '@soma/filter';
import type { IndexEntry, VectorIndex } from '@soma/vector-index';

export const DIMENSION = 16;

export const aScope = (): TenantScope => TenantScope.of(tenantId(randomUUID()));

/** A unit vector, the same for the same seed. */
export function aVector(seed: number, dimension = DIMENSION): Float32Array {
  const raw = Array.from({ length: dimension }, (_, index) =>
    Math.sin((seed + 1) * 12.9898 + (index + 1) * 78.233 * ((seed % 97) + 1)),
  );
  const norm = Math.hypot(...raw);
  return Float32Array.from(raw, (value) => value / norm);
}

export const cosine = (left: Float32Array, right: Float32Array): number =>
  left.reduce((sum, value, index) => sum + value * right[index]!, 0);

export const attributesWith = (over: Partial<FilterableMemory> = {}): FilterableMemory => ({
  memory_type: 'episodic',
  tier: 0,
  importance: 0.5,
  trust: 1,
  created_at: 1_700_000_000_000,
  updated_at: 1_700_000_000_000,
  coordinate: '1,2,3',
  tags: [],
  session_id: null,
  speaker: null,
  occurred_at: null,
  metadata: {},
  ...over,
});

export const anEntry = (over: Partial<IndexEntry> = {}): IndexEntry => ({
  entryId: randomUUID(),
  memoryId: memoryId(randomUUID()),
  namespace: 'default',
  model: 'contract',
  vector: aVector(0),
  attributes: attributesWith(),
  ...over,
});

/** Texts that mean something to a parser, a store or a terminal. */
export const HOSTILE_TEXTS = [
  '" or tenant_id != "',
  "' or '1' == '1",
  'a") or (tenant_id like "%',
  '\\',
  '\\" or 1 == 1 or "\\',
  '%',
  '_',
  '\n',
  '\r\n',
  '\t',
  '\u2028\u2029',
  '\u0001\u001f\u007f\u0085',
  '\u{1f600}',
  '\ufffd\ufffe',
  'é',
  'e\u0301',
  '${x} {x} $meta',
  '][',
  '\\n',
  '\\u0022',
  '',
  ' ',
  'not in [1]',
];

/** A busy server may be later than its lag: a count, which sees everything, waits until it has caught up. */
export async function untilVisible(
  index: VectorIndex,
  scope: TenantScope,
  models: Iterable<string>,
): Promise<void> {
  await sleep(index.visibilityLagMs);
  for (const model of models) await index.count(scope, { model });
}
