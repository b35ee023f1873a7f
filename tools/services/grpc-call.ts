import { connect } from 'node:http2';

const TIMEOUT_MS = 5_000;
const FRAME_HEADER_BYTES = 5;

export type ProtobufFields = ReadonlyMap<number, number | Buffer>;

/** A unary gRPC call with an empty request: all a health question needs, so no client library. */
export function callGrpc(port: number, path: string): Promise<ProtobufFields> {
  return new Promise((resolve, reject) => {
    const session = connect(`http://127.0.0.1:${String(port)}`);
    const fail = (error: Error): void => {
      session.destroy();
      reject(error);
    };
    session.once('error', fail);
    const request = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const chunks: Buffer[] = [];
    let status: unknown;
    const noteStatus = (headers: Record<string, unknown>): void => {
      status = headers['grpc-status'] ?? status;
    };
    request.on('response', noteStatus);
    request.on('trailers', noteStatus);
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('error', fail);
    request.setTimeout(TIMEOUT_MS, () => {
      fail(new Error(`${path} did not answer in ${String(TIMEOUT_MS)} ms`));
    });
    request.once('end', () => {
      session.close();
      if (status === '0') {
        resolve(parseFields(Buffer.concat(chunks).subarray(FRAME_HEADER_BYTES)));
      } else {
        reject(new Error(`${path} answered with gRPC status ${String(status)}`));
      }
    });
    request.end(Buffer.alloc(FRAME_HEADER_BYTES));
  });
}

/** The top level of a message that has only varint and length-delimited fields; the last wins. */
function parseFields(message: Buffer): ProtobufFields {
  const fields = new Map<number, number | Buffer>();
  let offset = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message.readUInt8(offset++);
      value += (byte & 127) * scale;
      if (byte < 128) {
        return value;
      }
    }
  };
  while (offset < message.length) {
    const tag = varint();
    const value = varint();
    if (tag % 8 === 2) {
      fields.set(tag >> 3, message.subarray(offset, offset + value));
      offset += value;
    } else {
      fields.set(tag >> 3, value);
    }
  }
  return fields;
}
