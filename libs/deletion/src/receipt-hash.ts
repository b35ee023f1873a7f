import { createHash } from 'node:crypto';

/** SHA-256, in hex, of the salt's bytes and of the id's text: who holds the id can check it. */
export const receiptHash = (salt: Uint8Array, id: string): string =>
  createHash('sha256').update(salt).update(id, 'utf8').digest('hex');
