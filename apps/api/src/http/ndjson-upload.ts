import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { SomaError } from '@soma/core';
import { BoundedLines, MAX_LINE_BYTES, type RawLine } from '@soma/transfer';
import type { NextFunction, Request, RequestHandler, Response } from 'express';

export const NDJSON = 'application/x-ndjson';

/** Well below the time in which a request must have arrived, so that there is an answer. */
const UPLOAD_MS = 20_000;
/** How long a caller may go on sending what nobody reads, before its connection is cut. */
const LINGER_MS = 2_000;

const UPLOADS = /^\/memories\/import\/?$/i;

/** A body that is read line by line, and only once it is known who sends it. */
export class NdjsonUpload {
  /** Aborted when no more of it is to be read. */
  readonly late = AbortSignal.timeout(UPLOAD_MS);
  private reading: AsyncGenerator<RawLine[]> | undefined;

  constructor(private readonly request: Request) {}

  /** @throws SomaError MEDIA_TYPE_UNSUPPORTED for anything but plain lines of JSON. */
  lines(): AsyncIterator<RawLine[]> {
    const { 'content-type': type = '', 'content-encoding': coding = 'identity' } =
      this.request.headers;
    if (!/^application\/x-ndjson\s*(?:;|$)/i.test(type) || coding.toLowerCase() !== 'identity') {
      const packed = coding === 'identity' ? '' : `, packed as "${coding.slice(0, 80)}"`;
      throw new SomaError(
        'MEDIA_TYPE_UNSUPPORTED',
        `Send the body as ${NDJSON}, not packed; this one is "${type.slice(0, 80)}"${packed}.`,
      );
    }
    this.reading = linesOf(this.request);
    return this.reading;
  }

  /**
   * Takes in and drops what is still on its way, for a moment: a connection that is closed over
   * unread bytes is reset, and the caller might lose the answer.
   */
  async dropRest(): Promise<void> {
    const { request } = this;
    if (request.complete) return;
    const cut = setTimeout(() => request.socket.destroy(), LINGER_MS).unref();
    request.once('close', () => clearTimeout(cut));
    await this.reading?.return(undefined).catch(() => undefined);
    request.resume();
  }
}

/** Of a caller that hangs up, the lines that came whole: nobody is left to tell of a failure. */
async function* linesOf(request: Request): AsyncGenerator<RawLine[]> {
  const lines = new BoundedLines(MAX_LINE_BYTES);
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      yield lines.add(chunk as Buffer);
    }
  } catch (error) {
    if (request.destroyed) return;
    throw error;
  }
  yield lines.end();
}

/** Leaves the bodies of uploads to their routes, and has all others read by `readers`. */
export function unlessUpload(readers: readonly RequestHandler[]): RequestHandler[] {
  const begin = (request: Request, response: Response, next: NextFunction): void => {
    if (isUpload(request)) {
      const upload = new NdjsonUpload(request);
      request.body = upload;
      response.once('finish', () => void upload.dropRest());
    }
    next();
  };
  return [
    begin,
    ...readers.map((read): RequestHandler => (request, response, next) => {
      if (isUpload(request)) next();
      else void read(request, response, next);
    }),
  ];
}

const isUpload = ({ method, path }: Request): boolean => method === 'POST' && UPLOADS.test(path);

/** The upload that a route reads by itself. */
export const Upload = createParamDecorator(
  (_: undefined, context: ExecutionContext): NdjsonUpload =>
    context.switchToHttp().getRequest<{ body: NdjsonUpload }>().body,
);
