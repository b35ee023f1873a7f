import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { type Infrastructure, observeOutbox } from '@soma/composition';
import { Metrics } from '@soma/observability';
import { Tracing } from '@soma/tracing';
import { Logger } from 'nestjs-pino';
import { AppModule } from './app.module.js';
import { buildDocument, serveDocument } from './http/api-document.js';
import { BoundedHttpAdapter } from './http/http-server.js';
import { jsonBody } from './http/json-body.js';
import { unlessUpload } from './http/ndjson-upload.js';
import { requestIds } from './http/request-id.js';
import { requestOrigins } from './http/request-origin.js';
import { requestMetrics } from './http/request-metrics.js';
import { requestTraces } from './http/request-traces.js';
import { assertMethod } from './http/route-methods.js';
import { securityHeaders } from './http/security-headers.js';
import { assertUrlText } from './http/url-text.js';
import { SchemaValidation } from './http/validation.js';

/** The API as it runs, in production and in tests alike; not yet listening. */
export async function createApi(infrastructure: Infrastructure): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(
    AppModule.register(infrastructure),
    new BoundedHttpAdapter(),
    { bodyParser: false, bufferLogs: true, abortOnError: false },
  );
  app.useLogger(app.get(Logger));
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.set('etag', false);
  const metrics = app.get(Metrics);
  const document = buildDocument(app);
  app.use(
    requestIds,
    requestTraces(app.get(Tracing)),
    requestMetrics(metrics),
    securityHeaders,
    assertUrlText,
    assertMethod(document),
    ...unlessUpload(jsonBody()),
    requestOrigins,
  );
  app.useGlobalPipes(new SchemaValidation());
  observeOutbox(app);
  serveDocument(app, document);
  return app;
}
