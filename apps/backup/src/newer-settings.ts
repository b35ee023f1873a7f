/** The settings stand before the first row, in the first page of the script. */
const HEAD_BYTES = 4_096;
const TRANSACTION_TIMEOUT_SINCE = 17;

/** A script of pg_restore without the settings that an older server does not know, and would refuse. */
export async function* withoutNewerSettings(
  script: AsyncIterable<Uint8Array>,
  serverMajor: number,
): AsyncGenerator<Uint8Array> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of script) {
    if (!head) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.byteLength < HEAD_BYTES) continue;
    yield mended(head, serverMajor);
    head = undefined;
  }
  if (head) yield mended(head, serverMajor);
}

function mended(head: Buffer, serverMajor: number): Buffer {
  if (serverMajor >= TRANSACTION_TIMEOUT_SINCE) return head;
  // Latin-1 keeps every byte of a character that the page may end in.
  const text = head.toString('latin1').replace(/^SET transaction_timeout = 0;$/m, '');
  return Buffer.from(text, 'latin1');
}
