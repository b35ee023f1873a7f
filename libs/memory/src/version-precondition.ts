import { SomaError } from '@soma/core';
import type { Memory } from './memory.schema.js';

const ENTITY_TAG = /^"(\d{1,10})"$/;

export function entityTag(memory: Pick<Memory, 'version'>): string {
  return `"${memory.version}"`;
}

/**
 * @throws SomaError VERSION_MISMATCH when `If-Match` names another version than the memory has.
 */
export function assertVersion(ifMatch: string | undefined, memory: Memory): void {
  if (ifMatch === undefined || ifMatch.trim() === '*') return;
  const wanted = ifMatch.split(',').map((tag) => ENTITY_TAG.exec(tag.trim())?.[1]);
  if (wanted.includes(undefined)) {
    throw new SomaError('VALIDATION_FAILED', 'If-Match takes the ETag of a read, like "3", or *.', {
      errors: [{ path: 'If-Match', message: 'is not an ETag of this service' }],
    });
  }
  if (wanted.some((version) => Number(version) === memory.version)) return;
  throw new SomaError(
    'VERSION_MISMATCH',
    `The memory is at version ${memory.version}, not ${wanted.join(' or ')}. Read it again first.`,
  );
}
