import type { KeyObject } from 'node:crypto';
import type { TenantScope } from '@soma/core';
import type { RowId } from './sealed-field.js';
import { keyVersionOf, seal, unseal } from './sealed-value.js';

/** The plain data keys of one tenant, by version. */
export class TenantKeys {
  constructor(
    private readonly scope: TenantScope,
    private readonly keys: ReadonlyMap<number, KeyObject>,
  ) {}

  has(version: number): boolean {
    return this.keys.has(version);
  }

  seal(version: number, rowId: RowId, column: string, plain: Uint8Array): Buffer {
    const key = this.keys.get(version);
    if (!key) throw new Error(`The data key of version ${version} was not loaded.`);
    return seal({ version, key }, this.place(rowId, column), plain);
  }

  /** @throws SomaError DECRYPTION_FAILED */
  open(rowId: RowId, column: string, sealed: Uint8Array): Buffer {
    return unseal((version) => this.keys.get(version), this.place(rowId, column), sealed);
  }

  private place(rowId: RowId, column: string) {
    return { tenantId: this.scope.tenantId, rowId, column };
  }
}

/** The version of the key that a value was sealed with. @throws SomaError DECRYPTION_FAILED */
export const versionOfSealed = (rowId: RowId, column: string, sealed: Uint8Array): number =>
  keyVersionOf(sealed, { tenantId: '', rowId, column });
