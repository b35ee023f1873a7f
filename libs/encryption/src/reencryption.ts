import type { TenantScope } from '@soma/core';
import type { EncryptionState } from './tenant-key-store.js';

/** The archive comes last: what moves there meanwhile is met there, and what comes back is sealed anew. */
export const APPLY_STAGES = [
  'memories',
  'versions',
  'links',
  'vectors',
  'answers',
  'quarantined',
  'archived_memories',
  'archived_versions',
  'archived_links',
  'archived_vectors',
] as const;
export type ApplyStage = (typeof APPLY_STAGES)[number];

/** Rows of a stage, up to this one, are as the state says. */
export interface ApplyPlace {
  readonly stage: ApplyStage;
  readonly after: string;
}

export interface ApplyStep {
  readonly changed: number;
  /** Where to go on; undefined after the last row of the last stage. */
  readonly next: ApplyPlace | undefined;
}

export type RowCounts = Readonly<Record<ApplyStage, number>>;

/** Brings rows that are stored already to what the tenant's encryption says, without a new version. */
export abstract class Reencryption {
  /** Changes at most `limit` rows after `from`, in one transaction. */
  abstract step(scope: TenantScope, from: ApplyPlace, limit: number): Promise<ApplyStep>;
  /** Rows that are not as the state says. */
  abstract remaining(scope: TenantScope, state: EncryptionState): Promise<RowCounts>;
}
