import Table from 'cli-table3';
import { displayWidth, truncate } from './display-width.js';
import { frameless } from './frameless.js';
import { printable } from './printable.js';

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string | number | null | undefined;
  readonly align?: 'left' | 'right';
}

const GAP = 2;
const NARROWEST = 6;

/**
 * Rows under titles, one line each. With `width` the columns are aligned and the widest ones cut
 * until the table fits; without it nothing is cut and a tab ends each cell, for `cut` and `awk`.
 */
export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { width, bold }: { width?: number; bold: (text: string) => string },
): string {
  const titles = columns.map(({ title }) => title);
  const cells = rows.map((row) => columns.map((column) => cellOf(column.value(row))));
  const lines = [titles, ...cells];
  if (width === undefined) return lines.map((line) => `${line.join('\t')}\n`).join('');

  const limits = fit(lines, width);
  const table = new Table({
    ...frameless(' '.repeat(GAP)),
    colAligns: columns.map(({ align }) => align ?? 'left'),
  });
  table.push(...lines.map((line) => line.map((cell, at) => truncate(cell, limits[at] ?? 0))));
  const [head = '', ...body] = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
  return `${[bold(head), ...body].join('\n')}\n`;
}

function cellOf(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? printable(value) : String(value);
}

/** Column widths: as wide as needed, then the widest one gives way until the line fits. */
function fit(lines: readonly string[][], width: number): number[] {
  const count = lines[0]?.length ?? 0;
  const room = Math.max(width - GAP * (count - 1), NARROWEST * count);
  const limits = Array.from({ length: count }, (_, at) =>
    Math.max(...lines.map((line) => Math.min(room, displayWidth((line[at] ?? '').slice(0, room))))),
  );
  let excess = limits.reduce((sum, limit) => sum + limit, 0) - room;
  for (; excess > 0; excess -= 1) {
    const widest = limits.indexOf(Math.max(...limits));
    limits[widest] = (limits[widest] ?? 0) - 1;
  }
  return limits;
}
