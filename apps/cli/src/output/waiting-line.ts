import type { OutputStream } from '../cli-io.js';
import { ProgressBar } from './progress-bar.js';

/** Says on a terminal, each second, what is waited for and for how long already. */
export async function whileWaiting<T>(
  stream: OutputStream,
  what: string,
  work: Promise<T>,
): Promise<T> {
  const line = new ProgressBar(stream);
  const started = performance.now();
  const timer = setInterval(() => {
    line.draw(0, `${what}, ${Math.round((performance.now() - started) / 1000)} s`);
  }, 1_000);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    line.clear();
  }
}
