import type { OutputStream } from '../cli-io.js';

const WIDTH = 24;

/** A line that is redrawn on a terminal, and nothing at all elsewhere. */
export class ProgressBar {
  private isDrawn = false;

  /** Without a total (a pipe) there are the counts, but no bar. */
  constructor(
    private readonly stream: OutputStream,
    private readonly total?: number,
  ) {}

  /** How much of the total is done, and in words what came of it. */
  draw(done: number, counts: string): void {
    if (!this.stream.isTTY) return;
    this.stream.write(`\r\x1b[K${this.bar(done)}${counts}`);
    this.isDrawn = true;
  }

  /** Takes the line away, so that something else can be written there. */
  clear(): void {
    if (this.isDrawn) this.stream.write('\r\x1b[K');
    this.isDrawn = false;
  }

  private bar(done: number): string {
    if (!this.total) return '';
    const share = Math.min(1, done / this.total);
    const full = Math.round(share * WIDTH);
    const percent = String(Math.floor(share * 100)).padStart(3);
    return `[${'#'.repeat(full)}${'-'.repeat(WIDTH - full)}] ${percent}%  `;
  }
}
