import { isUuid, memoryId, parseCoordinate } from '@soma/core';
import type { MemoryAddress } from './memory-repository.js';

/**
 * Reads the last part of `/memories/{coord or id}`.
 * @throws SomaError COORDINATE_INVALID when it is neither.
 */
export function parseAddress(text: string, namespace: string): MemoryAddress {
  if (isUuid(text)) return { kind: 'id', id: memoryId(text.toLowerCase()) };
  return { kind: 'coordinate', namespace, coordinate: parseCoordinate(text) };
}
