const WIDTH = 30;
const REDRAW_EVERY_MS = 100;

/** A bar on standard error when that is a terminal, otherwise nothing: output stays a clean report. */
export class Progress {
  readonly #label: string;
  readonly #total: number;
  readonly #stream: NodeJS.WriteStream;
  #done = 0;
  #drawnAt = 0;

  constructor(label: string, total: number, stream: NodeJS.WriteStream = process.stderr) {
    this.#label = label;
    this.#total = total;
    this.#stream = stream;
  }

  advance(by = 1): void {
    this.#done += by;
    const finished = this.#done >= this.#total;
    if (!this.#stream.isTTY || (!finished && Date.now() - this.#drawnAt < REDRAW_EVERY_MS)) return;
    this.#drawnAt = Date.now();
    this.#stream.write(`\r${progressBar(this.#label, this.#done, this.#total)}`);
    if (finished) this.#stream.write('\n');
  }
}

/** One line such as `storing    [######......] 1,200/2,760`. */
export function progressBar(label: string, done: number, total: number): string {
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const filled = Math.round(WIDTH * share);
  const count = `${done.toLocaleString('en')}/${total.toLocaleString('en')}`;
  return `${label.padEnd(10)} [${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${count}`;
}
