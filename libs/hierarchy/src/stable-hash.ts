import { createHash } from 'node:crypto';

/** 32 bits of SHA-256: the same for the same text, and spread evenly. */
export function hash32(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0);
}

/**
 * The id of a node, drawn from what it stands for (RFC 9562, UUIDv8): the same tier over the same
 * sources in the same versions is the same node, and any other is another.
 */
export function nodeId(tier: number, sources: readonly string[]): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([tier, ...sources]))
    .digest();
  const bytes = digest.subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}
