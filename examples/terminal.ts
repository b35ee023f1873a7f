import { styleText } from 'node:util';

/** Everything fits a terminal of this width. */
export const COLUMNS = 80;

const BAR = 10;

/** A heading over the full width. */
export function heading(title: string): string {
  return styleText('bold', `\n── ${title} ${'─'.repeat(Math.max(0, COLUMNS - title.length - 4))}`);
}

export function faint(text: string): string {
  return styleText('dim', text);
}

/** Text cut into lines of at most 80 columns at spaces, each behind `margin` spaces. */
export function wrapped(text: string, margin: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && margin + line.length + 1 + word.length > COLUMNS) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((part) => ' '.repeat(margin) + part).join('\n');
}

/** A score from 0 to 1 as a bar of ten blocks; above 1 is drawn full. */
export function bar(score: number): string {
  const filled = Math.round(BAR * Math.min(1, Math.max(0, score)));
  return styleText('green', '█'.repeat(filled)) + faint('░'.repeat(BAR - filled));
}
