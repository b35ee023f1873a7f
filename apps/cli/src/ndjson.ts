const LINE_FEED = 0x0a;

/** One line that is not blank. */
export interface NdjsonLine {
  /** Counted from 1, blank lines included. */
  readonly number: number;
  /** Undefined when the bytes are not UTF-8. */
  readonly text: string | undefined;
  /** Bytes of the stream up to the end of this line. */
  readonly endByte: number;
}

/**
 * The lines of a stream, one at a time. Only a line feed ends a line: U+2028 may stand inside a
 * JSON string, and Node's readline would cut there.
 */
export async function* ndjsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<NdjsonLine> {
  let number = 0;
  let endByte = 0;
  let pieces: Uint8Array[] = [];
  const finish = (): NdjsonLine => {
    const bytes = Buffer.concat(pieces);
    pieces = [];
    number += 1;
    return { number, text: decode(bytes), endByte };
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, start)) {
      pieces.push(chunk.subarray(start, at));
      endByte += at + 1 - start;
      start = at + 1;
      const line = finish();
      if (line.text !== '') yield line;
    }
    pieces.push(chunk.subarray(start));
    endByte += chunk.length - start;
  }
  const last = finish();
  if (last.text !== '') yield last;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).trim();
  } catch {
    return undefined;
  }
}
