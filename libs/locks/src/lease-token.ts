import { createHash, randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;

/** Proof of holding a lock: the text is given to its holder once, the hash is kept. */
export interface LeaseToken {
  /** `lease_` and 43 characters of base64url. */
  readonly text: string;
  /** SHA-256 of the text, in hexadecimal. */
  readonly hash: string;
}

export function newLeaseToken(): LeaseToken {
  const text = `lease_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  return { text, hash: hashLeaseToken(text) };
}

export function hashLeaseToken(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
