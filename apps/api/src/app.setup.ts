import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { type Infrastructure, observeOutbox } from '@soma/composition';
import { Metrics } from '@soma/observability';
import { Logger } from 'nestjs-pino';
import { AppModule } from './app.module.js';
import { describeApi } from './http/api-document.js';
import { jsonBody } from './http/json-body.js';
import { requestIds } from './http/request-id.js';
import { requestMetrics } from './http/request-metrics.js';
import { assertUrlText } from './http/url-text.js';
import { SchemaValidation } from './http/validation.js';

const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 10_000;
/** Above the idle time of usual proxies and clients, so that they close first and lose no request. */
const KEEP_ALIVE_MS = 65_000;

/** The API as it runs, in production and in tests alike; not yet listening. */
export async function createApi(infrastructure: Infrastructure): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.register(infrastructure), {
    bodyParser: false,
    bufferLogs: true,
    abortOnError: false,
  });
  app.useLogger(app.get(Logger));
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.set('etag', false);
  const metrics = app.get(Metrics);
  app.use(requestIds, requestMetrics(metrics), assertUrlText, ...jsonBody());
  app.useGlobalPipes(new SchemaValidation());
  observeOutbox(app);
  describeApi(app);
  const server = app.getHttpServer();
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  return app;
}
