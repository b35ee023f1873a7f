import type { CopiedDatabase } from '@soma/backup';
import type { PGlite } from '@electric-sql/pglite';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { readContents } from './database-contents.js';

/**
 * The whole folder of an embedded database as a packed tar, as of one moment: no transaction is open
 * while it is read into memory. Packing it afterwards holds up nobody.
 */
export async function copyEmbedded(engine: PGlite): Promise<CopiedDatabase> {
  const { contents, folder } = await engine.transaction(async (transaction) => {
    const ask = async (sql: string) => (await transaction.query<Record<string, unknown>>(sql)).rows;
    const counted = await readContents(ask);
    await transaction.exec('CHECKPOINT');
    return { contents: counted, folder: await engine.dumpDataDir('none') };
  });
  const chunks: AsyncIterable<Buffer> = Readable.from(piecesOf(folder)).pipe(
    createGzip({ level: 6 }),
  );
  return { contents, chunks };
}

async function* piecesOf(folder: Blob): AsyncGenerator<Uint8Array> {
  const PIECE = 1 << 20;
  for (let from = 0; from < folder.size; from += PIECE) {
    yield new Uint8Array(await folder.slice(from, from + PIECE).arrayBuffer());
  }
}
