import { open, rename, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { CliError, usageError } from '../cli-error.js';
import type { CliSession } from '../cli-session.js';
import { EXIT } from '../exit-codes.js';
import { ProgressBar } from '../output/progress-bar.js';

export interface ExportOptions {
  readonly out?: string;
  readonly force?: boolean;
}

const NEWLINE = 0x0a;

/** Prints the lines as they come, or writes them to a file that is there once it is whole. */
export async function exportAudit(
  session: CliSession,
  query: Readonly<Record<string, string | undefined>>,
  { out, force }: ExportOptions,
): Promise<void> {
  const api = await session.api('admin');
  const request = { path: '/admin/audit/export', query };
  if (out === undefined) {
    const decoder = new TextDecoder();
    await api.download(request, async (chunks) => {
      for await (const chunk of chunks) session.print(decoder.decode(chunk, { stream: true }));
    });
    return;
  }
  const file = session.path(out);
  if (existsSync(file) && !force)
    throw usageError(`${file} is there already; --force replaces it.`);
  const progress = new ProgressBar(session.io.stderr);
  const events = await api.download(request, (chunks) =>
    writeWhole(file, chunks, (lines) => progress.draw(lines, `${lines} events`)),
  );
  progress.clear();
  session.showValue({ file, events }, () => session.print(`${events} events in ${file}\n`));
}

async function writeWhole(
  file: string,
  chunks: AsyncIterable<Uint8Array>,
  onLines: (lines: number) => void,
): Promise<number> {
  const draft = `${file}.part`;
  let lines = 0;
  try {
    const handle = await open(draft, 'w', 0o600);
    try {
      for await (const chunk of chunks) {
        await handle.writeFile(chunk);
        lines += chunk.filter((byte) => byte === NEWLINE).length;
        onLines(lines);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
    return lines;
  } catch (error) {
    await rm(draft, { force: true });
    throw error instanceof CliError || !isOfFile(error) ? error : unwritable(file, error);
  }
}

const isOfFile = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'code' in error && 'path' in error;

const unwritable = (file: string, { code }: NodeJS.ErrnoException): CliError =>
  new CliError({
    exitCode: EXIT.USAGE,
    code: 'FILE_UNWRITABLE',
    detail: `Cannot write ${file}: ${code}.`,
    hint: 'Choose another place with --out.',
  });
