import type { RowId, SealedField, TenantKeys } from '@soma/encryption';
import type { JsonValue } from '@soma/core';
import { vectorToBytes } from '../memory/vector-bytes.js';

/** The names that values are sealed under; changing one makes what it sealed unreadable. */
export const COLUMNS = {
  content: 'memories.content',
  payload: 'memories.payload',
  metadata: 'memories.metadata',
  prediction: 'memories.prediction',
  vector: 'embeddings.vector',
  response: 'idempotency_keys.response',
  quarantined: 'quarantined_writes.snapshot',
} as const;
export type MemoryColumn = 'content' | 'payload' | 'metadata';

export const linkColumn = (toId: string, linkType: string): string =>
  `links.metadata/${toId}/${linkType}`;

/** How rows are to be kept. */
export interface Wanted {
  readonly fields: ReadonlySet<SealedField>;
  readonly version: number;
}

/** What one transaction of a tenant has to seal, and the key it does so with. */
export class Sealing {
  constructor(
    private readonly fields: ReadonlySet<SealedField>,
    private readonly version: number,
    private readonly keys: TenantKeys | undefined,
  ) {}

  /** Whether a row can be other than plain. */
  get isOn(): boolean {
    return this.fields.size > 0;
  }

  /** What this seals, and with the key of which version. */
  get wanted(): Wanted {
    return { fields: this.fields, version: this.version };
  }

  seals(field: SealedField): boolean {
    return this.fields.has(field);
  }

  /** A text sealed in base64; undefined where it stays plain. */
  text(field: SealedField, rowId: RowId, column: string, text: string): string | undefined {
    return this.bytes(field, rowId, column, Buffer.from(text, 'utf8'))?.toString('base64');
  }

  json(field: SealedField, rowId: RowId, column: string, value: unknown): string | undefined {
    return this.seals(field) ? this.text(field, rowId, column, JSON.stringify(value)) : undefined;
  }

  /** A vector as it is kept: sealed, or plain. */
  vector(memoryId: RowId, vector: Float32Array): Buffer {
    const plain = vectorToBytes(vector);
    return this.bytes('vectors', memoryId, COLUMNS.vector, plain) ?? plain;
  }

  private bytes(
    field: SealedField,
    rowId: RowId,
    column: string,
    plain: Buffer,
  ): Buffer | undefined {
    if (!this.seals(field)) return undefined;
    if (!this.keys) throw new Error('Something is to be sealed, and no key was loaded.');
    return this.keys.seal(this.version, rowId, column, plain);
  }
}

export interface SealedColumns {
  readonly sealed_content?: string;
  readonly sealed_payload?: string;
  readonly sealed_metadata?: string;
  readonly sealed_prediction?: string;
}

export interface PlainColumns {
  readonly content?: string;
  readonly payload?: JsonValue;
  readonly metadata?: JsonValue;
  /** Sealed with the content. */
  readonly prediction?: string | null;
}

/** The columns given, with those that are to be sealed emptied and beside them sealed in base64. */
export function sealColumns<Columns extends PlainColumns>(
  sealing: Sealing,
  rowId: RowId,
  columns: Columns,
): Columns & SealedColumns {
  if (!sealing.isOn) return columns;
  const { content, payload, metadata, prediction } = columns;
  const emptied = {
    ...(content !== undefined && sealing.seals('content') && { content: '' }),
    ...(payload !== undefined && sealing.seals('payload') && { payload: {} }),
    ...(metadata !== undefined && sealing.seals('metadata') && { metadata: {} }),
    ...(prediction !== undefined && sealing.seals('content') && { prediction: null }),
  };
  return {
    ...columns,
    ...emptied,
    ...(content !== undefined && {
      sealed_content: sealing.text('content', rowId, COLUMNS.content, content),
    }),
    ...(payload !== undefined && {
      sealed_payload: sealing.json('payload', rowId, COLUMNS.payload, payload),
    }),
    ...(metadata !== undefined && {
      sealed_metadata: sealing.json('metadata', rowId, COLUMNS.metadata, metadata),
    }),
    ...(typeof prediction === 'string' && {
      sealed_prediction: sealing.text('content', rowId, COLUMNS.prediction, prediction),
    }),
  };
}
