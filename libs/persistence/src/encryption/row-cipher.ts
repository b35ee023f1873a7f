import { Injectable } from '@nestjs/common';
import type { JsonObject, TenantScope } from '@soma/core';
import { KeyRing, type RowId, TenantKeyStore, versionOfSealed } from '@soma/encryption';
import type { Transaction } from '../connection/transaction.js';
import { bytesToVector } from '../memory/vector-bytes.js';
import { COLUMNS, Sealing } from './sealing.js';

/** Bytes sealed for a row and column. */
export interface SealedBytes {
  readonly rowId: RowId;
  readonly column: string;
  readonly bytes: Uint8Array;
}

/** A memory's row as it is kept: sealed values, with the plain columns empty. */
export interface MaybeSealed {
  id: string;
  content: string;
  payload: JsonObject;
  metadata: JsonObject;
  sealed_content: Uint8Array | null;
  sealed_payload: Uint8Array | null;
  sealed_metadata: Uint8Array | null;
  /** Only where it is asked for. */
  prediction?: string | null;
  sealed_prediction?: Uint8Array | null;
}

export interface StoredVector {
  readonly memory_id: string;
  readonly vector: Uint8Array;
}

/** Opens a sealed value whose key is loaded. @throws SomaError DECRYPTION_FAILED */
export type Opener = (sealed: SealedBytes) => Buffer;

/** A plain vector is whole float32s; a sealed one is 33 bytes longer. */
const isSealedVector = (bytes: Uint8Array): boolean => bytes.byteLength % 4 !== 0;

/** Seals what a tenant's rows hold, and opens it; rows that are plain cost nothing. */
@Injectable()
export class RowCipher {
  private readonly sealings = new WeakMap<Transaction, Promise<Sealing>>();

  constructor(
    private readonly store: TenantKeyStore,
    private readonly ring: KeyRing,
  ) {}

  /**
   * What this transaction has to seal, the same until it ends. Asked for after the namespaces are
   * held, and before the first row is written.
   * @throws SomaError ENCRYPTION_KEY_UNAVAILABLE or ENCRYPTION_KEY_DESTROYED.
   */
  sealing(transaction: Transaction, scope: TenantScope): Promise<Sealing> {
    const known = this.sealings.get(transaction);
    if (known) return known;
    const sealing = this.read(scope);
    this.sealings.set(transaction, sealing);
    return sealing;
  }

  /** What opens these values, their keys loaded. */
  async opener(scope: TenantScope, values: readonly SealedBytes[]): Promise<Opener> {
    const versions = new Set(
      values.map(({ rowId, column, bytes }) => versionOfSealed(rowId, column, bytes)),
    );
    const keys = await this.ring.keysOf(scope, versions);
    return ({ rowId, column, bytes }) => keys.open(rowId, column, bytes);
  }

  /** The same rows with their plain values. */
  async open<Row extends MaybeSealed>(scope: TenantScope, rows: readonly Row[]): Promise<Row[]> {
    const values = rows.flatMap((row) => sealedOf(row));
    if (values.length === 0) return [...rows];
    const open = await this.opener(scope, values);
    return rows.map((row) => opened(row, open));
  }

  /** One memory's row, if there is one. */
  async openOne<Row extends MaybeSealed>(
    scope: TenantScope,
    row: Row | undefined,
  ): Promise<Row | undefined> {
    return row && (await this.open(scope, [row]))[0];
  }

  /** The vectors of rows, in their order. */
  async vectors(scope: TenantScope, rows: readonly StoredVector[]): Promise<Float32Array[]> {
    const values = rows.filter(({ vector }) => isSealedVector(vector)).map(sealedVector);
    if (values.length === 0) return rows.map(({ vector }) => bytesToVector(vector));
    const open = await this.opener(scope, values);
    return rows.map((row) =>
      bytesToVector(isSealedVector(row.vector) ? open(sealedVector(row)) : row.vector),
    );
  }

  private async read(scope: TenantScope): Promise<Sealing> {
    const { fields, keyVersion } = await this.store.stateForWrite(scope);
    if (fields.length === 0) return new Sealing(new Set(), 0, undefined);
    const keys = await this.ring.keysOf(scope, [keyVersion]);
    return new Sealing(new Set(fields), keyVersion, keys);
  }
}

const sealedVector = ({ memory_id: rowId, vector: bytes }: StoredVector): SealedBytes => ({
  rowId,
  column: COLUMNS.vector,
  bytes,
});

function sealedOf(row: MaybeSealed): SealedBytes[] {
  const values = [
    { column: COLUMNS.content, bytes: row.sealed_content },
    { column: COLUMNS.payload, bytes: row.sealed_payload },
    { column: COLUMNS.metadata, bytes: row.sealed_metadata },
    { column: COLUMNS.prediction, bytes: row.sealed_prediction },
  ];
  return values.flatMap(({ column, bytes }) => (bytes ? [{ rowId: row.id, column, bytes }] : []));
}

function opened<Row extends MaybeSealed>(row: Row, open: Opener): Row {
  const text = (column: string, bytes: Uint8Array): string =>
    open({ rowId: row.id, column, bytes }).toString('utf8');
  const json = (column: string, bytes: Uint8Array): JsonObject =>
    JSON.parse(text(column, bytes)) as JsonObject;
  return {
    ...row,
    ...(row.sealed_content && { content: text(COLUMNS.content, row.sealed_content) }),
    ...(row.sealed_payload && { payload: json(COLUMNS.payload, row.sealed_payload) }),
    ...(row.sealed_metadata && { metadata: json(COLUMNS.metadata, row.sealed_metadata) }),
    ...(row.sealed_prediction && { prediction: text(COLUMNS.prediction, row.sealed_prediction) }),
  };
}
