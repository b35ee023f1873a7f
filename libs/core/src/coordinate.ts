import { isExactNumber } from './exact-number.js';
import { SomaError } from './soma-error.js';

export const MAX_COORDINATE_DIMENSIONS = 64;
export const MAX_COORDINATE_BYTES = 512;

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * A memory's address: a vector of finite doubles. `text` is canonical (`"1.0, 2"` and `"1,2"` are
 * both `"1,2"`), and is what is unique in a tenant's namespace.
 */
export interface Coordinate {
  readonly text: string;
  readonly values: readonly number[];
}

const invalid = (detail: string): SomaError => new SomaError('COORDINATE_INVALID', detail);

/**
 * Reads `"1.0,2.0,3.0"`: 1 to 64 comma-separated decimals, 512 bytes at most.
 * @throws SomaError COORDINATE_INVALID, saying which part is wrong.
 */
export function parseCoordinate(input: string): Coordinate {
  const bytes = Buffer.byteLength(input, 'utf8');
  if (bytes > MAX_COORDINATE_BYTES) {
    throw invalid(`A coordinate has at most ${MAX_COORDINATE_BYTES} bytes; this one has ${bytes}.`);
  }
  const parts = input.split(',').map((part) => part.trim());
  if (parts.length > MAX_COORDINATE_DIMENSIONS) {
    throw invalid(
      `A coordinate has at most ${MAX_COORDINATE_DIMENSIONS} numbers; this one has ${parts.length}.`,
    );
  }
  return coordinateOf(parts.map(parseComponent));
}

/** @throws SomaError COORDINATE_INVALID for no values, too many, or one that is not finite. */
export function coordinateOf(values: readonly number[]): Coordinate {
  if (values.length === 0 || values.length > MAX_COORDINATE_DIMENSIONS) {
    throw invalid(`A coordinate has 1 to ${MAX_COORDINATE_DIMENSIONS} numbers.`);
  }
  if (!values.every(Number.isFinite)) throw invalid('A coordinate is made of finite numbers.');
  const canonical = values.map((value) => (value === 0 ? 0 : value));
  const text = canonical.join(',');
  if (text.length > MAX_COORDINATE_BYTES) {
    throw invalid(`Written out, a coordinate has at most ${MAX_COORDINATE_BYTES} bytes.`);
  }
  return { text, values: canonical };
}

function parseComponent(part: string): number {
  const shown = JSON.stringify(part.slice(0, 40));
  if (!NUMBER.test(part)) {
    throw invalid(`Write a coordinate as numbers with commas, like "1.0,2.0,3.0"; found ${shown}.`);
  }
  const unsigned = part.replace(/^[+-]/, '');
  if (!isExactNumber(unsigned)) {
    throw invalid(`${shown} does not fit a 64-bit float and would be changed; shorten it.`);
  }
  return Number(part);
}
