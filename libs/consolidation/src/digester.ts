import type { TenantScope } from '@soma/core';
import type { DigestSource } from '@soma/hierarchy';
import type { DigestRecord } from './hierarchy-store.js';

export interface MadeDigest {
  readonly text: string;
  readonly record: DigestRecord;
  /** Ids of the sources it is drawn from, in their order. */
  readonly cited: readonly string[];
}

/** Says in few words what texts say together. */
export abstract class Digester {
  /**
   * A digest of at most about `maxTokens` tokens of o200k_base. Never fails for the want of a model:
   * then it is extractive, and says so.
   */
  abstract digest(
    scope: TenantScope,
    sources: readonly DigestSource[],
    maxTokens: number,
  ): Promise<MadeDigest>;
}
