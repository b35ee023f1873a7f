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
 * Rows under titles, one line each. With `width`, the widest columns are cut until the table fits.
 */
export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { width, bold }: { width?: number; bold: (text: string) => string },
): string {
  const titles = columns.map(({ title }) => title);
  const cells = rows.map((row) => columns.map((column) => cellOf(column.value(row))));
  const limits = width === undefined ? undefined : fit([titles, ...cells], width);
  const cut = (row: string[]): string[] =>
    limits ? row.map((cell, at) => truncate(cell, limits[at] ?? cell.length)) : row;

  const table = new Table({
    ...frameless(' '.repeat(GAP)),
    colAligns: columns.map(({ align }) => align ?? 'left'),
  });
  table.push(cut(titles), ...cells.map(cut));
  const [head = '', ...lines] = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
  return `${[bold(head), ...lines].join('\n')}\n`;
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
