import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';
import { SomaError } from '@soma/core';

/** Where a value stands. It opens there and nowhere else. */
export interface Place {
  readonly tenantId: string;
  readonly rowId: string;
  readonly column: string;
}

/** A key and the number it is known by, 0 to 2^32 - 1. */
export interface NumberedKey {
  readonly version: number;
  readonly key: KeyObject;
}

const ALGORITHM = 'aes-256-gcm';
const FORMAT = 1;
const HEADER_BYTES = 5;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** How much longer than its plain bytes a sealed value is. */
export const SEALED_OVERHEAD = HEADER_BYTES + NONCE_BYTES + TAG_BYTES;

/**
 * AES-256-GCM under a random nonce: format (1 byte, 1), key version (4, big-endian), nonce (12),
 * ciphertext, tag (16). Associated data: format and version, then tenant, row and column, each after
 * its length in bytes (4, big-endian).
 */
export function seal({ version, key }: NumberedKey, place: Place, plain: Uint8Array): Buffer {
  const header = headerOf(version);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associatedData(header, place));
  const ciphertext = cipher.update(plain);
  return Buffer.concat([header, nonce, ciphertext, cipher.final(), cipher.getAuthTag()]);
}

/**
 * The plain bytes.
 * @param keyOf the key of a version, if there is one.
 * @throws SomaError DECRYPTION_FAILED for a value that is not whole, of another place, of an unknown
 * key, or changed in a single bit; nothing of it is given out.
 */
export function unseal(
  keyOf: (version: number) => KeyObject | undefined,
  place: Place,
  sealed: Uint8Array,
): Buffer {
  const version = keyVersionOf(sealed, place);
  const key = keyOf(version);
  if (!key) throw refusal(place, `its key version ${version} is not there`);
  const end = sealed.length - TAG_BYTES;
  const nonce = sealed.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(associatedData(sealed.subarray(0, HEADER_BYTES), place));
  decipher.setAuthTag(sealed.subarray(end));
  const plain = decipher.update(sealed.subarray(HEADER_BYTES + NONCE_BYTES, end));
  try {
    return Buffer.concat([plain, decipher.final()]);
  } catch {
    throw refusal(place, 'it was changed, or was sealed for another tenant, row or column');
  }
}

/** @throws SomaError DECRYPTION_FAILED for bytes that no sealed value begins with. */
export function keyVersionOf(sealed: Uint8Array, place: Place): number {
  if (sealed.length < SEALED_OVERHEAD || sealed[0] !== FORMAT) {
    throw refusal(place, 'it is cut short or of an unknown format');
  }
  return new DataView(sealed.buffer, sealed.byteOffset).getUint32(1);
}

function headerOf(version: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(FORMAT);
  header.writeUInt32BE(version, 1);
  return header;
}

function associatedData(header: Uint8Array, { tenantId, rowId, column }: Place): Buffer {
  const parts = [tenantId, rowId, column].flatMap((text) => {
    const bytes = Buffer.from(text, 'utf8');
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return [length, bytes];
  });
  return Buffer.concat([header, ...parts]);
}

function refusal({ rowId, column }: Place, reason: string): SomaError {
  return new SomaError(
    'DECRYPTION_FAILED',
    `The encrypted ${column} of ${rowId} cannot be read: ${reason}.`,
  );
}
