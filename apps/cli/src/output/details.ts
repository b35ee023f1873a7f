import { printableLines } from './printable.js';

export type Detail = readonly [label: string, value: string | number | boolean | null | undefined];

/** One labelled line for each value that is there; further lines of a text are indented. */
export function renderDetails(details: readonly Detail[], bold: (text: string) => string): string {
  const shown = details.filter(([, value]) => value !== null && value !== undefined);
  const width = Math.max(0, ...shown.map(([label]) => label.length));
  return shown
    .map(([label, value]) => {
      const text = printableLines(String(value)).replaceAll('\n', `\n${' '.repeat(width + 2)}`);
      return `${bold(label.padEnd(width))}  ${text}\n`;
    })
    .join('');
}
