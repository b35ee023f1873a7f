import { SomaError } from '@soma/core';
import type { RawLine } from './bounded-lines.js';
import { MAX_LINE_BYTES } from './import.schema.js';

/** A line that was read: what it says, or why it cannot be read. */
export interface ImportLine {
  readonly number: number;
  readonly size: number;
  readonly value?: unknown;
  readonly fault?: SomaError;
}

/** Lines as they arrive, a part of the body at a time, and how their text is read. */
export interface ImportSource {
  readonly lines: AsyncIterator<readonly RawLine[]>;
  /** @throws SomaError for bytes that are no JSON which can be kept as it is. */
  readonly parse: (bytes: Buffer) => unknown;
}

export function importLine({ number, bytes }: RawLine, parse: ImportSource['parse']): ImportLine {
  if (!bytes) return { number, size: 0, fault: tooLong() };
  try {
    return { number, size: bytes.length, value: parse(bytes) };
  } catch (error) {
    if (error instanceof SomaError) return { number, size: bytes.length, fault: error };
    throw error;
  }
}

/** Whether the line is one of a link. */
export const isLinkLine = ({ value }: ImportLine): boolean =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, 'link');

/** Lines that are written together: of one kind, at most a hundred or a megabyte. */
export class LineBatch {
  readonly lines: ImportLine[] = [];
  private size = 0;

  takes(line: ImportLine): boolean {
    const [first] = this.lines;
    if (!first) return true;
    const isFull = this.lines.length === MAX_LINES || this.size + line.size > MAX_BYTES;
    return !isFull && isLinkLine(first) === isLinkLine(line);
  }

  add(line: ImportLine): void {
    this.lines.push(line);
    this.size += line.size;
  }
}

const MAX_LINES = 100;
const MAX_BYTES = 1024 * 1024;

const tooLong = (): SomaError =>
  new SomaError(
    'BODY_TOO_LARGE',
    `A line may have at most ${MAX_LINE_BYTES} bytes; store this memory with POST /memories, which ` +
      'takes 1 MiB.',
  );
