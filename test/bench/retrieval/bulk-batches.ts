import type { NewMemory } from '../contract.ts';

/** Below the service's 1 MiB, with room for the envelope. */
const MAX_BYTES = 1_000_000;

/**
 * Cuts memories into bodies for POST /memories/bulk, in order: each at most `maxItems` long and,
 * as JSON in UTF-8, at most `maxBytes`. A memory above that alone gets a batch of its own, so that
 * the service can say what is wrong with it.
 */
export function bulkBatches(
  memories: readonly NewMemory[],
  maxItems = 250,
  maxBytes = MAX_BYTES,
): { memories: NewMemory[] }[] {
  const envelope = Buffer.byteLength(JSON.stringify({ memories: [] }));
  const batches: { memories: NewMemory[] }[] = [];
  let current: NewMemory[] = [];
  let bytes = envelope;
  for (const memory of memories) {
    const size = Buffer.byteLength(JSON.stringify(memory)) + 1;
    if (current.length > 0 && (current.length === maxItems || bytes + size > maxBytes)) {
      batches.push({ memories: current });
      current = [];
      bytes = envelope;
    }
    current.push(memory);
    bytes += size;
  }
  if (current.length > 0) batches.push({ memories: current });
  return batches;
}
