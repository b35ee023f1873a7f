import { assertFits } from './backup-fit.js';
import type { BackupManifest } from './backup-manifest.js';

const [FIRST, SECOND] = [
  { name: '1_init', checksum: 'aa' },
  { name: '2_more', checksum: 'bb' },
];
const manifestWith = (changes: Partial<BackupManifest>): BackupManifest => ({
  format: 1,
  kind: 'postgresql',
  service_version: '1.2.3',
  created_at: '2026-11-21T12:00:00.000Z',
  dump_version: '15.1',
  server_version: '15.1',
  migrations: [],
  embedding_models: {},
  rows: {},
  bytes: 0,
  sha256: '0'.repeat(64),
  ...changes,
});

describe(assertFits, () => {
  const fit = (changes: Partial<BackupManifest>) => () =>
    assertFits(manifestWith(changes), 'postgresql', [FIRST, SECOND]);

  it('takes what has our migrations, or the first of them', () => {
    expect(fit({ migrations: [FIRST, SECOND] })).not.toThrow();
    expect(fit({ migrations: [FIRST] })).not.toThrow();
  });

  it('refuses one that is newer, and names the version it needs', () => {
    const later = { name: '3_later', checksum: 'cc' };
    expect(fit({ migrations: [FIRST, SECOND, later] })).toThrow(
      expect.objectContaining({
        code: 'BACKUP_NEWER',
        message: expect.stringMatching(/version 1\.2\.3 .* 1 migration\(s\) .* from 3_later on/),
      }),
    );
  });

  it('refuses one whose migrations were others', () => {
    expect(fit({ migrations: [{ ...FIRST, checksum: 'zz' }] })).toThrow(
      expect.objectContaining({ code: 'BACKUP_OF_ANOTHER_HISTORY' }),
    );
  });

  it('refuses one of the other stack', () => {
    expect(fit({ kind: 'pglite' })).toThrow(
      expect.objectContaining({ code: 'BACKUP_OF_ANOTHER_STACK' }),
    );
    expect(() => assertFits(manifestWith({}), 'pglite', [])).toThrow(
      expect.objectContaining({ code: 'BACKUP_OF_ANOTHER_STACK' }),
    );
  });
});
