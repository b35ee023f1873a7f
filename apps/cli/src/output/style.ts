import { styleText } from 'node:util';
import type { CliIo, OutputStream } from '../cli-io.js';

/** Emphasis for one stream; plain text where colour is not wanted. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
}

const plain = (text: string): string => text;

/** Colour only on a terminal that can show it, and never with NO_COLOR (no-color.org). */
export function styleFor(stream: OutputStream, env: CliIo['env']): Style {
  const isColoured = stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
  if (!isColoured) return { bold: plain, red: plain, yellow: plain };
  const styled = (format: 'bold' | 'red' | 'yellow') => (text: string) =>
    styleText(format, text, { validateStream: false });
  return { bold: styled('bold'), red: styled('red'), yellow: styled('yellow') };
}
