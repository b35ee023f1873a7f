import type { CliSession } from '../cli-session.js';

interface Manifest {
  readonly kind: string;
  readonly service_version: string;
  readonly created_at: string;
  readonly server_version: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly rows: Readonly<Record<string, number>>;
}

/** What came of a backup or a restore. */
export interface BackupReport {
  readonly file: string;
  /** The database, folder or service that was copied, or filled. */
  readonly database: string;
  readonly seconds: number;
  readonly manifest: Manifest;
}

export function showBackup(session: CliSession, report: BackupReport): void {
  session.showValue(report, () => {
    const { manifest } = report;
    session.details([
      ['file', report.file],
      ['database', report.database],
      ['of', `${manifest.kind} ${manifest.server_version}, service ${manifest.service_version}`],
      ['made at', manifest.created_at],
      ['size', megabytes(manifest.bytes)],
      ['SHA-256', manifest.sha256],
      ['tenants', String(manifest.rows['tenants'] ?? 0)],
      ['memories', String(manifest.rows['memories'] ?? 0)],
      ['took', `${report.seconds.toFixed(1)} s`],
    ]);
  });
}

export const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;
