import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { installDebianPackage } from '../../../tools/services/apt-packages.ts';

const LIBRARY = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';
const ARM_LIBRARY = '/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1';
/** Seconds for which a process trusts what it read of its clock. */
const CACHE_S = 1;

/** Wall-clock time of the processes that are given `environment`, which may be moved as they run. */
export class FakeClock {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
    mkdirSync(dirname(file), { recursive: true });
    this.#write(0);
  }

  /** Installs libfaketime where it is missing. `file` says what the time is. */
  static async at(file: string, abort: AbortSignal): Promise<FakeClock> {
    if (library() === undefined) {
      await installDebianPackage('libfaketime', { cacheDir: '', abort, log: () => undefined });
    }
    if (library() === undefined) {
      throw new Error(`Clocks cannot be moved here: there is no ${LIBRARY}. Install libfaketime.`);
    }
    return new FakeClock(file);
  }

  /** Monotonic clocks stay as they are, as they do when a real clock is set. */
  get environment(): Record<string, string> {
    return {
      LD_PRELOAD: library() ?? '',
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_CACHE_DURATION: String(CACHE_S),
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      FAKETIME_DISABLE_SHM: '1',
    };
  }

  /** Returns when the processes have noticed. */
  async moveTo(offsetS: number): Promise<void> {
    this.#write(offsetS);
    await sleep((CACHE_S + 0.5) * 1000);
  }

  #write(offsetS: number): void {
    const next = `${this.#file}.next`;
    writeFileSync(next, `${offsetS < 0 ? '-' : '+'}${Math.abs(offsetS)}\n`, { mode: 0o644 });
    renameSync(next, this.#file);
  }
}

function library(): string | undefined {
  return [LIBRARY, ARM_LIBRARY].find((path) => existsSync(path));
}
