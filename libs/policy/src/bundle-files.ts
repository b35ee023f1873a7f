import { gunzipSync } from 'node:zlib';

const BLOCK = 512;
const MOST_BYTES = 64 * 1024 * 1024;
const GZIP = 0x1f8b;

/** What OPA's `opa build -t wasm` wrote: the compiled policy, and the data it reads. */
export interface PolicyBundle {
  readonly wasm: Buffer;
  readonly data: object;
}

/**
 * Reads a bundle (`bundle.tar.gz`), or a `.wasm` by itself.
 * @throws when there is no compiled policy in it.
 */
export function readBundle(bytes: Buffer): PolicyBundle {
  if (bytes.length < 2 || bytes.readUInt16BE(0) !== GZIP) return { wasm: bytes, data: {} };
  const files = filesOf(gunzipSync(bytes, { maxOutputLength: MOST_BYTES }));
  const wasm = files.get('policy.wasm');
  if (!wasm) throw new Error('The policy bundle has no policy.wasm: build it with `-t wasm`.');
  const data: unknown = JSON.parse(files.get('data.json')?.toString('utf8') ?? '{}');
  if (typeof data !== 'object' || data === null) throw new Error('data.json is no object.');
  return { wasm, data };
}

/** Files of a tar archive by name. */
function filesOf(tar: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0;) {
    const size = Number.parseInt(textAt(tar, at + 124, 12), 8);
    if (!Number.isSafeInteger(size)) throw new Error('The policy bundle is no tar archive.');
    const start = at + BLOCK;
    files.set(textAt(tar, at, 100).replace(/^\.?\//, ''), tar.subarray(start, start + size));
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

function textAt(tar: Buffer, start: number, length: number): string {
  const text = tar.toString('utf8', start, start + length);
  return text.split('\0', 1)[0]?.trim() ?? '';
}
