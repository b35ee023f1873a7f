import fc from 'fast-check';
import { displayWidth, truncate } from './display-width.js';
import { printable, printableLines } from './printable.js';
import { renderTable, type Column } from './table.js';

const bold = (text: string): string => text;
const columns: Column<readonly string[]>[] = [
  { title: 'A', value: ([a]) => a },
  { title: 'B', value: ([, b]) => b },
  { title: 'C', value: ([, , c]) => c, align: 'right' },
];
const anyText = fc.string({ unit: 'grapheme', maxLength: 60 });

describe(renderTable.name, () => {
  it('never writes a line wider than the terminal, nor more lines than rows', () => {
    const rows = fc.array(fc.tuple(anyText, anyText, anyText), { maxLength: 5 });
    fc.assert(
      fc.property(rows, fc.integer({ min: 22, max: 120 }), (cells, width) => {
        const lines = renderTable(columns, cells, { width, bold }).trimEnd().split('\n');
        expect(lines).toHaveLength(cells.length + 1 - trailingBlank(cells));
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
      }),
      { numRuns: 60 },
    );
  });

  it('cuts the widest column first', () => {
    const row = ['short', 'x'.repeat(50), 'end'];
    const [, line] = renderTable(columns, [row], { width: 30, bold }).split('\n');
    expect(line).toBe(`short  ${'x'.repeat(17)}…  end`);
  });
});

/** Rows without any text at the end are trimmed away with the last line end. */
function trailingBlank(cells: readonly (readonly string[])[]): number {
  const last = cells.findLastIndex((row) => row.some((cell) => printable(cell) !== ''));
  return cells.length - 1 - last;
}

describe(truncate.name, () => {
  it('fits the limit, and leaves alone what fits', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 40 }), (text, limit) => {
        const cut = truncate(text, limit);
        expect(displayWidth(cut)).toBeLessThanOrEqual(limit);
        if (displayWidth(text) <= limit) expect(cut).toBe(text);
        else expect(cut.endsWith('…')).toBe(true);
      }),
    );
  });

  it('does not cut a letter of two columns or an emoji in half', () => {
    expect(truncate('日本語', 4)).toBe('日…');
    expect(truncate('👩‍👩‍👧‍👦 family', 4)).toBe('👩‍👩‍👧‍👦 …');
  });
});

describe(printable.name, () => {
  it('leaves no control character, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/u);
        expect(printableLines(text).replace(/[\n\t]/g, '')).not.toMatch(/\p{Cc}/u);
      }),
    );
  });

  it('leaves other text as it is', () => {
    expect(printable('Größe 日本 👍 a\tb\nc')).toBe('Größe 日本 👍 a b c');
  });
});
