import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { ExpressAdapter } from '@nestjs/platform-express';
import { answerMalformed } from './malformed-http.js';

/** A URL with every parameter at its longest fits, and so does one that is a little too long. */
const MAX_HEADER_BYTES = 64 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 10_000;
/** How far a timeout may be overrun: Node looks at all connections this often, every 30 s by itself. */
const TIMEOUT_CHECK_MS = 2_000;
/** Above the idle time of usual proxies and clients, so that they close first and lose no request. */
const KEEP_ALIVE_MS = 65_000;
const MAX_REQUESTS_PER_SOCKET = 10_000;

/**
 * Express on a server that neither waits long for a slow caller nor answers one without a body. Once it
 * closes, every answer ends its connection: else a caller who keeps asking on one would keep it open.
 */
export class BoundedHttpAdapter extends ExpressAdapter {
  private readonly underWay = new Set<ServerResponse>();
  private isClosing = false;

  override initHttpServer(): void {
    const server = createServer(
      {
        maxHeaderSize: MAX_HEADER_BYTES,
        requestTimeout: REQUEST_TIMEOUT_MS,
        headersTimeout: HEADERS_TIMEOUT_MS,
        connectionsCheckingInterval: TIMEOUT_CHECK_MS,
        keepAliveTimeout: KEEP_ALIVE_MS,
      },
      this.getInstance<RequestListener>(),
    );
    server.maxRequestsPerSocket = MAX_REQUESTS_PER_SOCKET;
    server.on('clientError', answerMalformed);
    server.prependListener('request', (_, response) => this.begin(response));
    this.httpServer = server;
  }

  override close(): Promise<void> | undefined {
    this.isClosing = true;
    for (const response of this.underWay) response.shouldKeepAlive = false;
    return super.close() as Promise<void> | undefined;
  }

  private begin(response: ServerResponse): void {
    this.underWay.add(response);
    response.once('close', () => this.underWay.delete(response));
    if (this.isClosing) response.shouldKeepAlive = false;
  }
}
