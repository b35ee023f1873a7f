import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const CHUNK = Buffer.alloc(64 * 1024, 1);

/** A volume of a few megabytes, in memory, that can be filled to the last byte. */
export class SmallVolume {
  readonly dir: string;
  readonly #ballast: string;

  private constructor(dir: string) {
    this.dir = dir;
    this.#ballast = join(dir, 'ballast');
  }

  /** @throws where nothing may be mounted: without root, or in a container without that right. */
  static mount(dir: string, megabytes: number): SmallVolume {
    mkdirSync(dir, { recursive: true });
    const options = `size=${megabytes}m,mode=755`;
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', dir], { stdio: 'pipe' });
    } catch (error) {
      const reason = error instanceof Error ? error.message.trim() : String(error);
      throw new Error(
        'A full disk cannot be shown here, because no small volume can be mounted; run it as root ' +
          `with the right to mount, or leave it out by naming others with --only. (${reason})`,
        { cause: error },
      );
    }
    return new SmallVolume(dir);
  }

  /** Until not one more byte can be written. @returns how many it took. */
  fill(): number {
    const file = openSync(this.#ballast, 'a');
    let written = 0;
    try {
      for (let size = CHUNK.length; size > 0;) {
        try {
          written += writeSync(file, CHUNK, 0, size);
        } catch (error) {
          if (!isFull(error)) throw error;
          size = Math.floor(size / 2);
        }
      }
    } finally {
      closeSync(file);
    }
    return written;
  }

  free(): void {
    rmSync(this.#ballast, { force: true });
  }

  unmount(): void {
    execFileSync('umount', [this.dir], { stdio: 'pipe' });
  }
}

const isFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOSPC';
