import type { JsonObject } from '@soma/core';
import { DAY_MS } from '@soma/hierarchy';
import type { DecayedMemory } from './decay.schema.js';
import type { DecayPolicy } from './decay-policy.schema.js';

/** A memory that a threshold of the policy is met by. */
export interface DecayCandidate {
  readonly id: string;
  readonly namespace: string;
  readonly coordinate: string;
  readonly version: number;
  readonly salience: number;
  /** Since its last use, else since it was made. */
  readonly idleMs: number;
  readonly payload: JsonObject;
  readonly metadata: JsonObject;
}

export interface Threshold {
  readonly idleMs: number;
  /** Infinity: whatever it is. */
  readonly below: number;
}

export const thresholdOf = (given: { after_days?: number; below?: number }): Threshold => ({
  idleMs: (given.after_days ?? 0) * DAY_MS,
  below: given.below ?? Infinity,
});

const isMet = ({ idleMs, salience }: DecayCandidate, threshold: Threshold): boolean =>
  idleMs >= threshold.idleMs && salience < threshold.below;

/** What the policy does to a memory: all of it goes, or some keys, or undefined: it stays as it is. */
export function decayOf(
  candidate: DecayCandidate,
  { prune, levels }: Pick<DecayPolicy, 'prune' | 'levels'>,
): DecayedMemory | undefined {
  const { id, namespace, coordinate, salience, idleMs, payload, metadata } = candidate;
  const isPruned = prune !== null && isMet(candidate, thresholdOf(prune));
  const met = isPruned ? [] : levels.filter((level) => isMet(candidate, thresholdOf(level)));
  const payloadKeys = presentKeys(
    payload,
    met.flatMap((level) => level.payload_keys),
  );
  const metadataKeys = presentKeys(
    metadata,
    met.flatMap((level) => level.metadata_keys),
  );
  if (!isPruned && payloadKeys.length + metadataKeys.length === 0) return undefined;
  return {
    id,
    namespace,
    coordinate,
    action: isPruned ? 'archive' : 'fields',
    salience,
    idle_days: idleMs / DAY_MS,
    payload_keys: payloadKeys,
    metadata_keys: metadataKeys,
  };
}

const presentKeys = (object: JsonObject, keys: readonly string[]): string[] =>
  [...new Set(keys)].filter((key) => Object.hasOwn(object, key)).sort();

export function withoutKeys(object: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}
