import { assertMayWrite, BackupError, writeBackup } from '@soma/backup';
import { CliError } from '../cli-error.js';
import type { CliSession } from '../cli-session.js';
import { EXIT } from '../exit-codes.js';
import { ProgressBar } from '../output/progress-bar.js';
import { type BackupReport, megabytes } from './backup-report.js';
import { failureOf } from './backup-tool.js';

/** Has an embedded service that runs give a copy of itself, and compares what has come with its seal. */
export async function downloadBackup(
  session: CliSession,
  file: string,
  force: boolean,
): Promise<BackupReport> {
  const startedAt = performance.now();
  const api = await session.api('admin');
  const progress = new ProgressBar(session.io.stderr);
  try {
    assertMayWrite(file, force);
    return await api.download({ path: '/admin/backup' }, async (chunks, database) => {
      const onBytes = (bytes: number): void => progress.draw(bytes, `${megabytes(bytes)} copied`);
      const manifest = await writeBackup(file, chunks, { force, onBytes });
      const seconds = Math.round(performance.now() - startedAt) / 1000;
      return { file, database, seconds, manifest };
    });
  } catch (error) {
    throw error instanceof BackupError ? asCliError(error, file) : error;
  } finally {
    progress.clear();
  }
}

/** What was cut off on its way is no fault of a file. */
function asCliError({ code, message, hint }: BackupError, file: string): CliError {
  if (code !== 'BACKUP_DAMAGED') return failureOf({ code, detail: message, hint });
  return new CliError({
    exitCode: EXIT.UNAVAILABLE,
    code: 'BACKUP_CUT_OFF',
    detail: `The copy did not come whole, and ${file} was not written.`,
    hint: 'Try again; the log of the service says why it stopped.',
  });
}
