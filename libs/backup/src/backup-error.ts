/** What a backup or a restore can be refused for. The names are stable: scripts compare them. */
export type BackupErrorCode =
  | 'BACKUP_DAMAGED'
  | 'BACKUP_NEWER'
  | 'BACKUP_NOT_FOUND'
  | 'BACKUP_OF_ANOTHER_HISTORY'
  | 'BACKUP_OF_ANOTHER_STACK'
  | 'FILE_EXISTS'
  | 'FILE_NOT_WRITTEN'
  | 'PROGRAM_FAILED'
  | 'PROGRAM_MISSING'
  | 'PROGRAM_TOO_OLD'
  | 'SETTINGS_MISSING'
  | 'SOURCE_NOT_READABLE'
  | 'TARGET_IN_USE'
  | 'TARGET_NOT_EMPTY'
  | 'TARGET_OF_ANOTHER';

/** An expected end of a backup or a restore: what is wrong, and what to do about it. */
export class BackupError extends Error {
  constructor(
    readonly code: BackupErrorCode,
    detail: string,
    readonly hint: string,
    cause?: unknown,
  ) {
    super(detail, cause === undefined ? undefined : { cause });
    this.name = 'BackupError';
  }
}
