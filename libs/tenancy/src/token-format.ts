import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const ID_BYTES = 8;
const SECRET_BYTES = 32;
const TOKEN = /^soma_([0-9a-f]{16})_([0-9a-f]{64})$/;

export interface NewToken {
  readonly id: string;
  /** `soma_<id>_<secret>`: shown once, never stored. */
  readonly text: string;
  /** SHA-256 of the text. */
  readonly hash: Uint8Array<ArrayBuffer>;
}

/** A new secret; with `id`, for the token of that id. */
export function generateToken(id: string = randomBytes(ID_BYTES).toString('hex')): NewToken {
  const text = `soma_${id}_${randomBytes(SECRET_BYTES).toString('hex')}`;
  return { id, text, hash: hashToken(text) };
}

/** The id part of a well-formed token; undefined for anything else. */
export function tokenIdOf(text: string): string | undefined {
  return TOKEN.exec(text)?.[1];
}

export function hashToken(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(text).digest());
}

/** Compares two SHA-256 hashes in constant time. */
export function hashesMatch(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}
