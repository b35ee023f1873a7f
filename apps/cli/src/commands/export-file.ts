import { createReadStream, existsSync } from 'node:fs';
import { open, rename, truncate } from 'node:fs/promises';
import type { ApiClient } from '../api-client.js';
import { CliError, usageError } from '../cli-error.js';
import type { CliSession } from '../cli-session.js';
import { EXIT } from '../exit-codes.js';
import { ndjsonLines } from '../ndjson.js';
import { ProgressBar } from '../output/progress-bar.js';

export interface ExportFileOptions {
  readonly out?: string;
  readonly force?: boolean;
  readonly resume?: boolean;
}

type Query = Readonly<Record<string, string | undefined>>;

/** How far an export has come: its lines of memories, the last one's coordinate, and their bytes. */
interface Part {
  readonly lines: number;
  readonly bytes: number;
  readonly after?: string;
}

const PATH = '/memories/export';
const NEWLINE = 0x0a;
const NOTHING: Part = { lines: 0, bytes: 0 };

/** Prints the lines as they come, or writes them to a file that is there once it is whole. */
export async function exportToFile(
  session: CliSession,
  query: Query,
  { out, force, resume }: ExportFileOptions,
): Promise<void> {
  const api = await session.api();
  if (out === undefined) {
    const decoder = new TextDecoder();
    return api.download({ path: PATH, query }, async (chunks) => {
      for await (const chunk of chunks) session.print(decoder.decode(chunk, { stream: true }));
    });
  }
  const file = session.path(out);
  if (existsSync(file) && !force) {
    throw usageError(`${file} is there already; --force replaces it.`);
  }
  const draft = `${file}.part`;
  const part = resume && existsSync(draft) ? await partIn(draft) : NOTHING;
  const progress = new ProgressBar(session.io.stderr);
  const lines = await writeOn(api, { query, draft, part }, (count) =>
    progress.draw(count, `${count} lines`),
  ).finally(() => progress.clear());
  await rename(draft, file);
  session.showValue({ file, lines }, () => session.print(`${lines} lines in ${file}\n`));
}

/** Links follow all memories, so what there is of them is asked for again. */
async function partIn(draft: string): Promise<Part> {
  let part = NOTHING;
  let lines = 0;
  for await (const { text, endByte } of ndjsonLines(createReadStream(draft))) {
    const coordinate = coordinateIn(text);
    if (coordinate === undefined) break;
    lines += 1;
    part = { lines, bytes: endByte, after: coordinate };
  }
  return part;
}

function coordinateIn(text: string | undefined): string | undefined {
  try {
    const { coord } = JSON.parse(text ?? '') as { coord?: unknown };
    return typeof coord === 'string' ? coord : undefined;
  } catch {
    return undefined;
  }
}

async function writeOn(
  api: ApiClient,
  { query, draft, part }: { query: Query; draft: string; part: Part },
  onLines: (lines: number) => void,
): Promise<number> {
  let { lines } = part;
  const flags = part.after === undefined ? 'w' : 'a';
  if (part.after !== undefined) await truncate(draft, part.bytes);
  const handle = await open(draft, flags, 0o600).catch((error: NodeJS.ErrnoException) => {
    throw unwritable(draft, error);
  });
  try {
    const request = { path: PATH, query: { ...query, after: part.after } };
    await api.download(request, async (chunks) => {
      for await (const chunk of chunks) {
        await handle.writeFile(chunk);
        lines += chunk.filter((byte) => byte === NEWLINE).length;
        onLines(lines);
      }
    });
    await handle.sync();
    return lines;
  } catch (error) {
    if (!(error instanceof CliError) || lines === 0) throw error;
    throw error.with({
      hint: `${error.parts.hint ?? ''} ${lines} lines are in ${draft}; go on with --resume.`.trim(),
    });
  } finally {
    await handle.close();
  }
}

const unwritable = (file: string, { code }: NodeJS.ErrnoException): CliError =>
  new CliError({
    exitCode: EXIT.USAGE,
    code: 'FILE_UNWRITABLE',
    detail: `Cannot write ${file}: ${code}.`,
    hint: 'Choose another place with --out.',
  });
