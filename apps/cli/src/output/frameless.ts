import type { TableConstructorOptions } from 'cli-table3';

/** A table that draws nothing but its cells, with `gap` between them. */
export function frameless(gap: string): TableConstructorOptions {
  return {
    chars: {
      top: '',
      'top-mid': '',
      'top-left': '',
      'top-right': '',
      bottom: '',
      'bottom-mid': '',
      'bottom-left': '',
      'bottom-right': '',
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: gap,
    },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
  };
}
