import type { TenantScope } from '@soma/core';
import type { HalfLives } from '@soma/hierarchy';
import type { DecayCandidate, Threshold } from './decay-plan.js';

export interface DecayQuestion {
  readonly at: Date;
  readonly halfLives: HalfLives;
  /** Memories that meet one of these are candidates. */
  readonly thresholds: readonly Threshold[];
  readonly namespace: string | undefined;
  /** Only ids after this one. */
  readonly after: string | undefined;
  readonly limit: number;
}

/** Keys that decayed away from a memory; `version` is the last that has them. */
export interface DecayedFields {
  readonly memoryId: string;
  readonly namespace: string;
  readonly version: number;
  readonly payloadKeys: readonly string[];
  readonly metadataKeys: readonly string[];
}

/** Which memories have faded, and moving them away. Pinned and held ones never come. */
export abstract class DecayStore {
  /** In the order of ids. With `lock`, nobody else writes them until the commit. */
  abstract candidates(
    scope: TenantScope,
    question: DecayQuestion,
    lock?: 'for-update',
  ): Promise<DecayCandidate[]>;
  /** Moves whole memories with all that belongs to them to the archive; they are locked already. */
  abstract archive(
    scope: TenantScope,
    memories: readonly { readonly id: string; readonly salience: number }[],
    times: { readonly at: Date; readonly purgeAt: Date },
  ): Promise<void>;
  /** Notes keys that a new version has no more. */
  abstract noteFields(
    scope: TenantScope,
    fields: readonly DecayedFields[],
    times: { readonly at: Date; readonly purgeAt: Date },
  ): Promise<void>;
}
