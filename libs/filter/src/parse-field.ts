import { isStorableText } from '@soma/core';
import { filterFault, shown, type Pointer } from './filter-fault.js';
import { FILTER_COLUMNS, type FilterColumn, type FilterField } from './filter.js';
import { FILTER_LIMITS } from './filter-limits.js';

const METADATA_PREFIX = 'metadata.';
const ALLOWED = [...FILTER_COLUMNS, 'metadata.<key>'].join(', ');

const isColumn = (name: string): name is FilterColumn =>
  (FILTER_COLUMNS as readonly string[]).includes(name);

/** Reads a field's name: a column, or `metadata.` and the keys below it, parted by dots. */
export function parseField(name: string, at: Pointer): FilterField {
  if (isColumn(name)) return { kind: 'column', name };
  if (!name.startsWith(METADATA_PREFIX)) {
    throw filterFault(at, `Unknown field ${shown(name)}. Allowed are: ${ALLOWED}; and, or, not.`);
  }
  const path = name.slice(METADATA_PREFIX.length).split('.');
  if (path.length > FILTER_LIMITS.pathSegments) {
    throw filterFault(
      at,
      `A metadata path has at most ${FILTER_LIMITS.pathSegments} keys; this one has ${path.length}.`,
    );
  }
  for (const segment of path) checkSegment(segment, at);
  return { kind: 'metadata', path };
}

function checkSegment(segment: string, at: Pointer): void {
  const characters = [...segment].length;
  if (characters < 1 || characters > FILTER_LIMITS.segmentCharacters) {
    throw filterFault(
      at,
      `Each key of a metadata path has 1 to ${FILTER_LIMITS.segmentCharacters} characters; found ${characters}.`,
    );
  }
  if (!isStorableText(segment)) {
    throw filterFault(at, 'A metadata key has no NUL and no half of a surrogate pair.');
  }
}
