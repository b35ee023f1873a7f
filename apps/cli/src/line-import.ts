import { setTimeout as wait } from 'node:timers/promises';
import type { ApiClient } from './api-client.js';
import { CliError, type FieldError } from './cli-error.js';
import { EXIT } from './exit-codes.js';
import type { NdjsonLine } from './ndjson.js';
import { sendPatiently } from './patient-send.js';

const MAX_LINES = 1_000;
const MAX_BYTES = 1_000_000;
/** So many failed: the file is not what it should be. */
const MAX_FAILED = 1_000;
const MAX_ERRORS = 100;

export interface ImportCounts {
  readonly read: number;
  readonly stored: number;
  readonly replaced: number;
  readonly skipped: number;
  readonly failed: number;
  readonly quarantined: number;
}

export interface LineError {
  readonly line: number;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
}

interface Reply extends ImportCounts {
  readonly errors: readonly LineError[];
  readonly next_line: number | null;
  readonly stopped: {
    readonly reason: string;
    readonly status: number | null;
    readonly code: string | null;
    readonly detail: string;
  } | null;
}

export interface LineImportOptions {
  readonly query: Readonly<Record<string, string | undefined>>;
  /** Lines before it are not sent. */
  readonly fromLine: number;
  readonly onProgress: (bytes: number, counts: ImportCounts) => void;
  readonly onError: (error: LineError) => void;
}

/** Imports lines in requests that are short enough to be answered at once. */
export class LineImport {
  private readonly counts = {
    read: 0,
    stored: 0,
    replaced: 0,
    skipped: 0,
    failed: 0,
    quarantined: 0,
  };
  private readonly errors: LineError[] = [];

  constructor(
    private readonly api: ApiClient,
    private readonly options: LineImportOptions,
  ) {}

  /** @throws CliError when it stops before the end, naming the line to go on from. */
  async run(
    lines: AsyncIterable<NdjsonLine>,
  ): Promise<ImportCounts & { errors: readonly LineError[] }> {
    let batch: NdjsonLine[] = [];
    let size = 0;
    for await (const line of lines) {
      if (line.number < this.options.fromLine) continue;
      const bytes = Buffer.byteLength(line.text ?? '') + 1;
      if (batch.length === MAX_LINES || (batch.length > 0 && size + bytes > MAX_BYTES)) {
        await this.flush(batch);
        batch = [];
        size = 0;
      }
      batch.push(line);
      size += bytes;
    }
    await this.flush(batch);
    return { ...this.counts, errors: this.errors };
  }

  private async flush(batch: readonly NdjsonLine[]): Promise<void> {
    for (let rest = batch; rest.length > 0;) {
      rest = await this.send(rest);
      const done = batch[batch.length - rest.length - 1];
      if (done) this.options.onProgress(done.endByte, this.counts);
      if (this.counts.failed >= MAX_FAILED) throw this.tooMany(rest[0] ?? batch.at(-1));
    }
  }

  /** @returns the lines that are still to be sent. */
  private async send(lines: readonly NdjsonLine[]): Promise<readonly NdjsonLine[]> {
    const { errors, next_line: next, stopped, ...counts } = await this.post(lines);
    for (const name of Object.keys(this.counts) as (keyof ImportCounts)[]) {
      this.counts[name] += counts[name];
    }
    for (const error of errors) this.tell({ ...error, line: lines[error.line - 1]?.number ?? 0 });
    if (next === null) return [];
    const rest = lines.slice(next - 1);
    if (stopped?.reason === 'time') return rest;
    if (stopped?.code !== 'RATE_LIMITED') throw this.stopped(stopped, rest[0]);
    await wait(1_000);
    return rest;
  }

  private async post(lines: readonly NdjsonLine[]): Promise<Reply> {
    // Bytes that are no UTF-8 are refused there as well, if they are sent as no JSON.
    const body = lines.map(({ text = 'not UTF-8' }) => `${text}\n`).join('');
    try {
      const { body: reply } = await sendPatiently<Reply>(this.api, {
        method: 'POST',
        path: '/memories/import',
        query: this.options.query,
        body,
        contentType: 'application/x-ndjson',
      });
      return reply;
    } catch (error) {
      throw error instanceof CliError ? this.at(lines[0], error) : error;
    }
  }

  private tell(error: LineError): void {
    if (this.errors.length < MAX_ERRORS) this.errors.push(error);
    this.options.onError(error);
  }

  private stopped(stopped: Reply['stopped'], line: NdjsonLine | undefined): CliError {
    const { code = null, status = null, detail = 'The import stopped.' } = stopped ?? {};
    const isAway = status === 503 || status === 429;
    const error = new CliError({
      exitCode: isAway ? EXIT.UNAVAILABLE : EXIT.INVALID,
      code: code ?? 'IMPORT_STOPPED',
      detail,
      status: status ?? undefined,
    });
    return this.at(line, error);
  }

  private tooMany(line: NdjsonLine | undefined): CliError {
    const detail = `${this.counts.failed} lines have failed; is it the right file?`;
    const code = 'IMPORT_LINES_FAILED';
    return this.at(line, new CliError({ exitCode: EXIT.INVALID, code, detail }));
  }

  private at(line: NdjsonLine | undefined, error: CliError): CliError {
    const { stored, replaced, skipped, failed } = this.counts;
    const done = `${stored} stored, ${replaced} replaced, ${skipped} skipped, ${failed} failed`;
    const from = line?.number ?? this.options.fromLine;
    return error.with({
      detail: `Stopped at line ${from} (${done} before it). ${error.parts.detail}`,
      hint: `${error.parts.hint ?? ''} Then go on with --from-line ${from}.`.trim(),
    });
  }
}
