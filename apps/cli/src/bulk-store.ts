import type { ApiClient } from './api-client.js';
import { CliError } from './cli-error.js';
import { JsonText, jsonObject } from './json-text.js';
import type { NdjsonLine } from './ndjson.js';
import { sendPatiently } from './patient-send.js';

export const MAX_BATCH_ITEMS = 1000;
export const MAX_BATCH_BYTES = 900_000;

export interface BulkProgress {
  readonly bytes: number;
  readonly stored: number;
  readonly failed: number;
}

export interface BulkResult {
  readonly index: number;
  readonly line: number;
  readonly status: number;
  readonly memory?: unknown;
  readonly error?: BulkItemError;
}

export interface BulkItemError {
  readonly code: string;
  readonly detail: string;
  readonly errors?: unknown;
}

interface BulkItem {
  readonly index: number;
  readonly line: number;
  readonly text: string;
}

interface BulkReply {
  readonly results: ReadonlyArray<Omit<BulkResult, 'line'>>;
}

export interface BulkOptions {
  /** For items that name no namespace themselves. */
  readonly namespace?: string;
  /** Each batch sends this and its first line, so that the same file can be sent again. */
  readonly idempotencyKey?: string;
  readonly onProgress: (progress: BulkProgress) => void;
  readonly onResult: (result: BulkResult) => void;
}

/** Stores NDJSON lines through the bulk route, in batches the API takes. */
export class BulkStore {
  private stored = 0;
  private failed = 0;
  private bytes = 0;

  constructor(
    private readonly api: ApiClient,
    private readonly options: BulkOptions,
  ) {}

  /**
   * Every line has a result: a line that is refused is told apart from its batch.
   * @throws CliError when the service fails for good, naming the line to go on from.
   */
  async run(lines: AsyncIterable<NdjsonLine>): Promise<{ stored: number; failed: number }> {
    let batch: BulkItem[] = [];
    let size = 0;
    let index = 0;
    for await (const line of lines) {
      const text = this.itemText(line, index);
      const item = { index, line: line.number, text: text ?? '' };
      index += 1;
      if (text === undefined) continue;
      const bytes = Buffer.byteLength(text) + 1;
      if (batch.length === MAX_BATCH_ITEMS || size + bytes > MAX_BATCH_BYTES) {
        await this.flush(batch);
        batch = [];
        size = 0;
      }
      batch.push(item);
      size += bytes;
      this.bytes = line.endByte;
    }
    await this.flush(batch);
    return { stored: this.stored, failed: this.failed };
  }

  private async flush(batch: readonly BulkItem[]): Promise<void> {
    const [first] = batch;
    if (!first) return;
    try {
      await this.send(batch);
    } catch (error) {
      throw error instanceof CliError ? this.stoppedAt(first.line, error) : error;
    }
    this.report();
  }

  /** A body refused as a whole is halved until the lines at fault stand alone. */
  private async send(batch: readonly BulkItem[]): Promise<void> {
    try {
      const { results } = await this.post(batch);
      for (const [at, item] of batch.entries()) {
        const result = results.find(({ index }) => index === at);
        this.record({ status: 0, ...result, index: item.index, line: item.line });
      }
    } catch (error) {
      if (!(error instanceof CliError) || !isRefusedBody(error)) throw error;
      const [only] = batch;
      if (only && batch.length === 1) {
        const { status = 400, code, detail, errors } = error.parts;
        this.record({
          index: only.index,
          line: only.line,
          status,
          error: { code, detail, errors },
        });
        return;
      }
      const middle = Math.ceil(batch.length / 2);
      await this.send(batch.slice(0, middle));
      await this.send(batch.slice(middle));
    }
  }

  private async post(batch: readonly BulkItem[]): Promise<BulkReply> {
    const { idempotencyKey } = this.options;
    const first = batch[0]?.line ?? 0;
    const reply = await sendPatiently<BulkReply>(this.api, {
      method: 'POST',
      path: '/memories/bulk',
      body: `{"memories":[${batch.map(({ text }) => text).join(',')}]}`,
      idempotencyKey:
        idempotencyKey === undefined ? undefined : `${idempotencyKey}-${first}-${batch.length}`,
    });
    return reply.body;
  }

  /** The line as an item of the body; a line that cannot be one is recorded as failed. */
  private itemText({ number, text }: NdjsonLine, index: number): string | undefined {
    const refuse = (code: string, detail: string): undefined => {
      this.record({ index, line: number, status: 400, error: { code, detail } });
      return undefined;
    };
    if (text === undefined) return refuse('TEXT_INVALID', 'The line is not UTF-8.');
    const parsed = parsedOrNothing(text);
    if (!parsed) return refuse('JSON_INVALID', 'The line is not JSON.');
    const { value } = parsed;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return refuse('JSON_INVALID', 'The line is not a JSON object like {"content":"…"}.');
    }
    const { namespace } = this.options;
    if (namespace === undefined || Object.hasOwn(value, 'namespace')) return parsed.text;
    const rest = parsed.text.slice(1);
    const comma = Object.keys(value).length > 0 ? ',' : '';
    return `${jsonObject({ namespace }).slice(0, -1)}${comma}${rest}`;
  }

  private record(result: BulkResult): void {
    if (result.status >= 200 && result.status < 300) this.stored += 1;
    else this.failed += 1;
    this.options.onResult(result);
  }

  private report(): void {
    const { bytes, stored, failed } = this;
    this.options.onProgress({ bytes, stored, failed });
  }

  private stoppedAt(line: number, error: CliError): CliError {
    const done = `${this.stored} stored and ${this.failed} failed before it`;
    return error.with({
      detail: `Stopped in the batch that begins at line ${line} (${done}). ${error.parts.detail}`,
      hint: `${error.parts.hint ?? ''} Then go on from there: tail -n +${line} <file> | soma store --file -`.trim(),
    });
  }
}

const isRefusedBody = ({ parts }: CliError): boolean =>
  parts.status === 400 || parts.status === 413 || parts.status === 422;

function parsedOrNothing(text: string): JsonText | undefined {
  try {
    return JsonText.parse(text, 'The line');
  } catch {
    return undefined;
  }
}
