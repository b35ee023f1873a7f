/** A line of a stream that is not blank. */
export interface RawLine {
  /** Counted from 1, blank lines included. */
  readonly number: number;
  /** Without the line end; undefined when it is longer than allowed, and was not kept. */
  readonly bytes: Buffer | undefined;
}

const LINE_FEED = 0x0a;
const BLANK = new Set([0x09, 0x0d, 0x20]);

/**
 * Cuts chunks into lines at line feeds. Of a line longer than `maxBytes` nothing is kept, so that
 * this never holds more than `maxBytes` and a chunk, whatever is sent.
 */
export class BoundedLines {
  private pieces: Buffer[] = [];
  private length = 0;
  private number = 1;

  constructor(private readonly maxBytes: number) {}

  /** @returns the lines that this chunk ends. */
  add(chunk: Buffer): RawLine[] {
    const lines: RawLine[] = [];
    let start = 0;
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, start)) {
      this.keep(chunk.subarray(start, at));
      lines.push(...this.cut());
      start = at + 1;
    }
    this.keep(chunk.subarray(start));
    return lines;
  }

  /** @returns the last line, which no line feed ends, if there is one. */
  end(): RawLine[] {
    return this.cut();
  }

  private keep(piece: Buffer): void {
    this.length += piece.length;
    if (this.length > this.maxBytes) this.pieces = [];
    else if (piece.length > 0) this.pieces.push(piece);
  }

  private cut(): RawLine[] {
    const { number, length } = this;
    this.number += 1;
    if (length === 0) return [];
    const bytes = length > this.maxBytes ? undefined : Buffer.concat(this.pieces);
    this.pieces = [];
    this.length = 0;
    return bytes?.every((byte) => BLANK.has(byte)) ? [] : [{ number, bytes }];
  }
}
