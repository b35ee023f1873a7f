import { BackupError, type BackupManifest } from '@soma/backup';

/** What came of it. */
export interface Outcome {
  readonly file: string;
  readonly manifest: BackupManifest;
  /** The database or folder that was copied, or filled. */
  readonly database: string;
  readonly seconds: number;
}

const PROGRESS_EVERY_MS = 200;

/** Tells whoever started this program, by lines of JSON. */
export class Reporter {
  private saidAt = 0;

  constructor(private readonly stream: { write(text: string): unknown }) {}

  /** Of `total` bytes, where that is known. */
  progress(step: string, bytes: number, total?: number): void {
    const now = performance.now();
    if (now - this.saidAt < PROGRESS_EVERY_MS) return;
    this.saidAt = now;
    this.say({ progress: { step, bytes, total } });
  }

  outcome(outcome: Outcome): void {
    this.say({ outcome });
  }

  failure(error: unknown): void {
    if (error instanceof BackupError) {
      this.say({ failure: { code: error.code, detail: error.message, hint: error.hint } });
      return;
    }
    const detail = error instanceof Error ? error.message : String(error);
    this.say({ failure: { code: codeOf(error), detail } });
  }

  private say(line: object): void {
    this.stream.write(`${JSON.stringify(line)}\n`);
  }
}

/** Node's and PostgreSQL's own, of a database that cannot be reached. */
const AWAY =
  /^(ECONN\w+|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|08\w{3}|28\w{3}|3D000|53300|57P0\w)$/;

function codeOf(error: unknown): string {
  if (error instanceof Error && error.name === 'ConfigError') return 'SETTINGS_INVALID';
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const isAway = AWAY.test(code) || (error instanceof Error && /timeout/.test(error.message));
  return isAway ? 'DATABASE_UNAVAILABLE' : 'UNEXPECTED';
}
