import fc from 'fast-check';
import { ndjsonLines, type NdjsonLine } from './ndjson.js';

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Uint8Array, size = 7): Promise<NdjsonLine[]> {
  const lines: NdjsonLine[] = [];
  for await (const line of ndjsonLines(inPieces(bytes, size))) lines.push(line);
  return lines;
}

describe(ndjsonLines.name, () => {
  it('gives every JSON value back, however the bytes are cut', async () => {
    const values = fc.array(fc.record({ content: fc.string({ unit: 'binary' }) }), {
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(values, fc.integer({ min: 1, max: 20 }), async (items, size) => {
        const bytes = Buffer.from(items.map((item) => JSON.stringify(item)).join('\n'));
        const lines = await read(bytes, size);
        expect(lines.map(({ text }) => JSON.parse(text ?? '') as unknown)).toEqual(items);
        expect(lines.at(-1)?.endByte ?? 0).toBe(bytes.length);
      }),
    );
  });

  it('does not cut at U+2028 inside a string', async () => {
    const lines = await read(Buffer.from('{"content":"a\u2028b"}'));
    expect(lines.map(({ text }) => text)).toEqual(['{"content":"a\u2028b"}']);
  });

  it('counts blank lines but leaves them out, and takes CRLF and a byte order mark', async () => {
    const lines = await read(Buffer.from('\ufeff{"a":1}\r\n\r\n{"b":2}\r\n'));
    expect(lines.map(({ number, text }) => [number, text])).toEqual([
      [1, '{"a":1}'],
      [3, '{"b":2}'],
    ]);
  });

  it('tells a line that is not UTF-8 from the others', async () => {
    const lines = await read(Buffer.from([0x31, 0x0a, 0xff, 0x0a, 0x32]));
    expect(lines.map(({ text }) => text)).toEqual(['1', undefined, '2']);
  });
});
