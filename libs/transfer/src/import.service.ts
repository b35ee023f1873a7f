import { Injectable } from '@nestjs/common';
import { SomaError, type TenantScope } from '@soma/core';
import { importLine, type ImportLine, type ImportSource, LineBatch } from './import-lines.js';
import { ImportTally, type Stop } from './import-tally.js';
import { type ImportQuery, type ImportResult, MAX_FAILED } from './import.schema.js';
import { failedBy } from './line-outcome.js';
import { LineWriter } from './line-writer.js';
import { nextBefore } from './next-before.js';

export interface ImportOptions {
  /** Whether the token may write links. */
  readonly canLink: boolean;
  /** Aborted when it has taken long enough: it ends with what it has read. */
  readonly late: AbortSignal;
  /** Waits for a turn of the tenant's and works in it. */
  readonly inTurn: <Result>(work: () => Promise<Result>) => Promise<Result>;
}

class Stopped extends Error {
  constructor(readonly stop: Stop) {
    super(stop.detail);
  }
}

/** Stores lines as they come, in small transactions; what is stored when it stops stays. */
@Injectable()
export class ImportService {
  constructor(private readonly writer: LineWriter) {}

  /** @throws SomaError for what stops it before any line is done. */
  async run(
    scope: TenantScope,
    query: ImportQuery,
    source: ImportSource,
    options: ImportOptions,
  ): Promise<ImportResult> {
    scope.assertNamespace(query.namespace);
    const run = new ImportRun(query, options, (lines) =>
      this.writer.write(scope, lines, { ...query, canLink: options.canLink }),
    );
    return run.over(source);
  }
}

type Write = (lines: readonly ImportLine[]) => ReturnType<LineWriter['write']>;

/** One import: its lines so far, and what became of them. */
class ImportRun {
  private readonly tally = new ImportTally();
  private batch = new LineBatch();
  private nextLine: number;

  constructor(
    private readonly query: ImportQuery,
    private readonly options: ImportOptions,
    private readonly write: Write,
  ) {
    this.nextLine = query.from_line;
  }

  async over(source: ImportSource): Promise<ImportResult> {
    try {
      await this.readAll(source);
      return this.tally.result();
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
      return this.tally.result(error.stop);
    }
  }

  private async readAll({ lines, parse }: ImportSource): Promise<void> {
    for (;;) {
      const next = await nextBefore(lines, this.options.late);
      if (!next || next.done) {
        await this.flush();
        if (!next) this.stop('time', LATE);
        return;
      }
      for (const line of next.value) {
        if (line.number >= this.query.from_line) await this.take(importLine(line, parse));
      }
    }
  }

  private async take(line: ImportLine): Promise<void> {
    if (!this.batch.takes(line)) await this.flush();
    if (this.options.late.aborted) {
      await this.flush();
      this.stop('time', LATE);
    }
    this.batch.add(line);
  }

  private async flush(): Promise<void> {
    const { lines } = this.batch;
    this.batch = new LineBatch();
    if (lines.length > 0) await this.store(lines);
  }

  /** What one line is at fault for, the others are stored without it. */
  private async store(lines: readonly ImportLine[]): Promise<void> {
    try {
      const outcomes = await this.options.inTurn(() => this.write(lines));
      for (const [position, outcome] of outcomes.entries()) {
        this.tally.add(lines[position]?.number ?? 0, outcome);
      }
    } catch (error) {
      if (!(error instanceof SomaError)) throw error;
      if (lines.length > 1 && isOfOneLine(error)) {
        const middle = Math.ceil(lines.length / 2);
        await this.store(lines.slice(0, middle));
        await this.store(lines.slice(middle));
        return;
      }
      this.fail(lines, error);
    }
    this.nextLine = (lines.at(-1)?.number ?? 0) + 1;
    if (this.tally.failed >= MAX_FAILED) this.stop('errors', TOO_MANY);
  }

  private fail([line]: readonly ImportLine[], error: SomaError): void {
    const { message: detail } = error;
    if (error.code === 'QUOTA_EXCEEDED') this.stop('quota', detail, error);
    if (line && isOfOneLine(error)) return this.tally.add(line.number, failedBy(error));
    if (this.tally.isEmpty) throw error;
    this.stop('failure', detail, error);
  }

  private stop(reason: Stop['reason'], detail: string, error?: SomaError): never {
    throw new Stopped({ reason, detail, error, nextLine: this.nextLine });
  }
}

/** Whether it may be for one line that all of a batch were refused. */
const isOfOneLine = ({ status, code }: SomaError): boolean =>
  code === 'QUOTA_EXCEEDED' || (status < 500 && code !== 'RATE_LIMITED');

const LATE =
  'An import has so much time, and the next goes on: send the body again with from_line.';
const TOO_MANY =
  `${MAX_FAILED} lines have failed, so the file may not be what it should be; look at errors, ` +
  'and go on with from_line if it is.';
