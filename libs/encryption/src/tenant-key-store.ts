import type { TenantId, TenantScope } from '@soma/core';
import type { SealedField } from './sealed-field.js';

export interface WrappedKey {
  readonly version: number;
  readonly wrapped: string;
}

/** What is encrypted of a tenant. */
export interface EncryptionState {
  /** What writes seal. */
  readonly fields: readonly SealedField[];
  /** What stored rows may hold sealed: all of `fields`, and what is not yet unsealed again. */
  readonly held: readonly SealedField[];
  /** Data key of new writes; 0 before the first. */
  readonly keyVersion: number;
  /** Grows with each change of fields or key. */
  readonly revision: number;
  /** Every stored row is as `fields` and `keyVersion` say. */
  readonly isApplied: boolean;
  readonly destroyedAt: Date | undefined;
}

export const PLAIN: EncryptionState = {
  fields: [],
  held: [],
  keyVersion: 0,
  revision: 0,
  isApplied: true,
  destroyedAt: undefined,
};

/** Wrapped data keys and what they are used for, beside the data. */
export abstract class TenantKeyStore {
  /** `PLAIN` for a tenant that never was encrypted. */
  abstract state(scope: TenantScope): Promise<EncryptionState>;
  /**
   * The state that holds until the end of the open transaction: a change waits for every transaction
   * that asked, and is seen by all that ask after it.
   */
  abstract stateForWrite(scope: TenantScope): Promise<EncryptionState>;
  /** All versions, oldest first; none once they are destroyed. */
  abstract keys(scope: TenantScope): Promise<WrappedKey[]>;
  /**
   * Has writes seal these fields from now on, with the key given if there is none yet.
   * @throws SomaError ENCRYPTION_KEY_DESTROYED
   */
  abstract setFields(
    scope: TenantScope,
    fields: readonly SealedField[],
    firstKey: WrappedKey | undefined,
  ): Promise<EncryptionState>;
  /** @returns undefined when there is a key of this version by now. */
  abstract addKey(scope: TenantScope, key: WrappedKey): Promise<EncryptionState | undefined>;
  /** Replaces what a key is wrapped as, unless that is no longer `from`. */
  abstract replaceWrapped(scope: TenantScope, from: WrappedKey, wrapped: string): Promise<void>;
  /** Marks every row as being as this revision says; one that has passed changes nothing. */
  abstract markApplied(scope: TenantScope, revision: number): Promise<void>;
  /** Deletes every key for good. Joins the open transaction. */
  abstract destroyKeys(scope: TenantScope): Promise<void>;
  abstract hasTenant(scope: TenantScope): Promise<boolean>;
  /** Tenants in order of their ids. */
  abstract tenants(limit: number, after?: TenantId): Promise<TenantScope[]>;
}
