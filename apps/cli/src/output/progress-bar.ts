import type { OutputStream } from '../cli-io.js';

const WIDTH = 24;

export interface Progress {
  readonly bytes: number;
  readonly stored: number;
  readonly failed: number;
}

/** A line that is redrawn on a terminal, and nothing at all elsewhere. */
export class ProgressBar {
  private isDrawn = false;

  /** Without `totalBytes` (a pipe) there are counts, but no bar. */
  constructor(
    private readonly stream: OutputStream,
    private readonly totalBytes?: number,
  ) {}

  draw({ bytes, stored, failed }: Progress): void {
    if (!this.stream.isTTY) return;
    const counts = `${stored} stored${failed ? `, ${failed} failed` : ''}`;
    this.stream.write(`\r\x1b[K${this.bar(bytes)}${counts}`);
    this.isDrawn = true;
  }

  /** Takes the line away, so that something else can be written there. */
  clear(): void {
    if (this.isDrawn) this.stream.write('\r\x1b[K');
    this.isDrawn = false;
  }

  private bar(bytes: number): string {
    if (!this.totalBytes) return '';
    const share = Math.min(1, bytes / this.totalBytes);
    const full = Math.round(share * WIDTH);
    const percent = String(Math.floor(share * 100)).padStart(3);
    return `[${'#'.repeat(full)}${'-'.repeat(WIDTH - full)}] ${percent}%  `;
  }
}
