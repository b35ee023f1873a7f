import fc from 'fast-check';
import { BoundedLines, type RawLine } from './bounded-lines.js';

const read = (chunks: readonly string[], maxBytes = 1_000): RawLine[] => {
  const lines = new BoundedLines(maxBytes);
  return [...chunks.flatMap((chunk) => lines.add(Buffer.from(chunk))), ...lines.end()];
};
const texts = (lines: readonly RawLine[]) =>
  lines.map(({ number, bytes }) => [number, bytes?.toString()]);

describe(BoundedLines.name, () => {
  it('P30 numbers lines from 1, counts blank ones and leaves them out', () => {
    expect(texts(read(['{"a":1}\n\n \t\r\n{"b":2}\r\n', '\n{"c":', '3}']))).toEqual([
      [1, '{"a":1}'],
      [4, '{"b":2}\r'],
      [6, '{"c":3}'],
    ]);
    expect(read([])).toEqual([]);
    expect(read(['\n', '\n'])).toEqual([]);
  });

  it('P30 keeps nothing of a line that is too long, and reads on after it', () => {
    expect(texts(read(['12345\n123', '456\n12\n', '1234567'], 5))).toEqual([
      [1, '12345'],
      [2, undefined],
      [3, '12'],
      [4, undefined],
    ]);
  });

  it('P30 gives the same lines wherever the stream is cut', () => {
    const line = fc.string({ maxLength: 12 }).map((text) => text.replaceAll('\n', ''));
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat()), (given, cuts) => {
        const bytes = Buffer.from(given.join('\n'));
        const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort(
          (left, right) => left - right,
        );
        const lines = new BoundedLines(20);
        const chunks = [0, ...places].map((start, n) => bytes.subarray(start, places[n]));
        const found = [...chunks.flatMap((chunk) => lines.add(chunk)), ...lines.end()];
        const expected = given.flatMap((text, index) =>
          /^[\t\r ]*$/.test(text)
            ? []
            : [[index + 1, Buffer.byteLength(text) > 20 ? undefined : text]],
        );
        expect(texts(found)).toEqual(expected);
      }),
    );
  });
});
