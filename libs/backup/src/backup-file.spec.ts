import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { readBackup, writeBackup } from './backup-file.js';
import type { BackupDescription } from './backup-manifest.js';
import { sealed } from './seal.js';

const DESCRIPTION: BackupDescription = {
  kind: 'pglite',
  service_version: '1.2.3',
  created_at: '2026-11-21T12:00:00.000Z',
  dump_version: null,
  server_version: '18.0',
  migrations: [{ name: 'a', checksum: 'b' }],
  embedding_models: { hash: 2 },
  rows: { memories: 2 },
};

describe('a backup file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'soma-backup-file-'));
  const path = join(folder, 'a.backup');
  afterEach(() => readdirSync(folder).forEach((name) => rmSync(join(folder, name))));
  afterAll(() => rmSync(folder, { recursive: true }));

  async function* copyOf(...chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
    yield* chunks;
  }
  const write = (chunks: AsyncIterable<Uint8Array>, force = false) =>
    writeBackup(path, sealed(chunks, DESCRIPTION), { force });
  const bytesOf = async (chunks: AsyncIterable<Uint8Array>): Promise<Buffer> => {
    const pieces: Uint8Array[] = [];
    for await (const chunk of chunks) pieces.push(chunk);
    return Buffer.concat(pieces);
  };

  it('gives back what was put in, and what was said of it', async () => {
    const chunk = fc.uint8Array({ maxLength: 3_000 });
    await fc.assert(
      fc.asyncProperty(fc.array(chunk, { maxLength: 5 }), async (chunks) => {
        const written = await write(copyOf(...chunks), true);
        const { manifest, chunks: read } = await readBackup(path);
        expect(manifest).toEqual(written);
        expect(manifest).toMatchObject({ ...DESCRIPTION, format: 1 });
        expect(await bytesOf(read())).toEqual(Buffer.concat(chunks));
      }),
      { numRuns: 50 },
    );
  });

  it('is for its owner alone', async () => {
    await write(copyOf(Buffer.from('x')));
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('is refused when any one of its bytes is another', async () => {
    await write(copyOf(Buffer.from('some rows')));
    const whole = readFileSync(path);
    for (let at = 0; at < whole.length; at += 1) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      writeFileSync(path, bytes);
      await expect(readBackup(path)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    }
  });

  it('is refused wherever it was cut off, and when something was added', async () => {
    await write(copyOf(Buffer.from('some rows')));
    const whole = readFileSync(path);
    for (let length = whole.length - 1; length >= 0; length -= 1) {
      truncateSync(path, length);
      await expect(readBackup(path)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
    }
    writeFileSync(path, whole);
    await expect(readBackup(path)).resolves.toMatchObject({ path });
    appendFileSync(path, '\n');
    await expect(readBackup(path)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
  });

  it('is refused as newer when its format came later', async () => {
    const later = { ...DESCRIPTION, format: 2 };
    const chunks = sealed(copyOf(Buffer.from('x')), later);
    await expect(writeBackup(path, chunks, { force: false })).rejects.toMatchObject({
      code: 'BACKUP_NEWER',
    });
  });

  it('does not take the place of another but by force', async () => {
    writeFileSync(path, 'kept');
    await expect(write(copyOf(Buffer.from('new')))).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    expect(readFileSync(path, 'utf8')).toBe('kept');
    await write(copyOf(Buffer.from('new')), true);
    expect(readFileSync(path, 'utf8')).toMatch(/^new\n/);
  });

  it('does not take the place of one that came to be while it was written', async () => {
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('new');
      writeFileSync(path, 'kept');
    }
    await expect(write(slow())).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    expect(readFileSync(path, 'utf8')).toBe('kept');
    expect(readdirSync(folder)).toEqual(['a.backup']);
  });

  it('leaves nothing when the copy fails on its way, also by force', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half');
      throw new Error('the dump failed');
    }
    await expect(write(failing())).rejects.toThrow('the dump failed');
    expect(existsSync(path)).toBe(false);
    writeFileSync(path, 'kept');
    await expect(write(failing(), true)).rejects.toThrow('the dump failed');
    expect(readFileSync(path, 'utf8')).toBe('kept');
    expect(readdirSync(folder)).toEqual(['a.backup']);
  });

  it('says what to do when it cannot be written or found', async () => {
    const nowhere = join(folder, 'none', 'a.backup');
    await expect(writeBackup(nowhere, copyOf(), { force: false })).rejects.toMatchObject({
      code: 'FILE_NOT_WRITTEN',
      message: `Cannot write ${nowhere}: ENOENT.`,
    });
    await expect(readBackup(nowhere)).rejects.toMatchObject({ code: 'BACKUP_NOT_FOUND' });
  });
});
