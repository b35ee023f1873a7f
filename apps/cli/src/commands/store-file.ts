import { BulkStore, type BulkResult } from '../bulk-store.js';
import { CliError } from '../cli-error.js';
import type { CliSession } from '../cli-session.js';
import { EXIT } from '../exit-codes.js';
import { openSource } from '../file-source.js';
import { ndjsonLines } from '../ndjson.js';
import { printable } from '../output/printable.js';
import { ProgressBar } from '../output/progress-bar.js';

interface StoreFileOptions {
  readonly namespace?: string;
  readonly idempotencyKey?: string;
}

/** @throws CliError with exit code 5 when any line was not stored. */
export async function storeFile(
  session: CliSession,
  file: string,
  { namespace, idempotencyKey }: StoreFileOptions,
): Promise<void> {
  const api = await session.api();
  const { chunks, size } = await openSource(session, file);
  const progress = new ProgressBar(session.io.stderr, size);
  const results: BulkResult[] = [];

  const bulk = new BulkStore(api, {
    namespace,
    idempotencyKey,
    onProgress: ({ bytes, stored, failed }) =>
      progress.draw(bytes, `${stored} stored${failed ? `, ${failed} failed` : ''}`),
    onResult: (result) => {
      if (session.isJson) return void results.push(result);
      if (result.status < 200 || result.status >= 300) {
        progress.clear();
        session.note(failureLine(result));
      }
    },
  });
  const { stored, failed } = await bulk.run(ndjsonLines(chunks)).finally(() => progress.clear());

  session.showValue(
    { results: results.toSorted((a, b) => a.index - b.index), stored, failed },
    () => session.print(`${stored} stored, ${failed} failed\n`),
  );
  if (failed > 0) {
    throw new CliError({
      exitCode: EXIT.INVALID,
      code: 'BULK_ITEMS_FAILED',
      detail: `${failed} of ${stored + failed} memories were not stored.`,
      hint: 'Mend those lines and send only them again; the others are stored.',
    });
  }
}

function failureLine({ line, error }: BulkResult): string {
  if (!error) return `line ${line}: the service gave no result for it`;
  const fields = Array.isArray(error.errors) ? error.errors.map(fieldText).join('; ') : '';
  return `line ${line}: ${printable(error.code)}: ${printable(error.detail)}${fields && ` (${fields})`}`;
}

function fieldText(field: unknown): string {
  if (typeof field !== 'object' || field === null) return printable(String(field));
  const { path = '', message = '' } = field as { path?: unknown; message?: unknown };
  return printable(`${String(path)}: ${String(message)}`);
}
