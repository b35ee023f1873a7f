import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { observeOutbox, type Infrastructure } from '@soma/composition';
import { json } from 'express';
import { Logger } from 'nestjs-pino';
import { WorkerModule } from './worker.module.js';

/** The worker as it runs, in production and in tests alike; not yet listening. */
export async function createWorker(
  infrastructure: Infrastructure,
): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(
    WorkerModule.register(infrastructure),
    { bodyParser: false, bufferLogs: true, abortOnError: false },
  );
  app.useLogger(app.get(Logger));
  app.disable('x-powered-by');
  app.use('/admin/log-level', json({ limit: 1_024 }));
  observeOutbox(app);
  return app;
}
