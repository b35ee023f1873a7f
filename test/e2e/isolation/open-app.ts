import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { openInfrastructure } from '@soma/composition';
import { parseConfig } from '@soma/config';
import { createApi } from '../../../apps/api/src/app.setup.js';
import { OPERATOR_TOKEN } from '../service.js';
import { prepareStack, stackSettings } from '../stack.js';

export interface OpenApp {
  readonly app: NestExpressApplication;
  readonly url: string;
  close(): Promise<void>;
}

/** The API with its Nest application in hand, to look at how it was put together. */
export async function openApp(): Promise<OpenApp> {
  const dataDir = mkdtempSync(join(tmpdir(), 'soma-routes-'));
  const config = parseConfig({
    SOMA_DATA_DIR: dataDir,
    SOMA_ADMIN_TOKEN: OPERATOR_TOKEN,
    SOMA_RATE_LIMIT_PER_SECOND: '0',
    SOMA_LOG_LEVEL: 'silent',
    ...stackSettings(),
  });
  await prepareStack(config);
  const infrastructure = await openInfrastructure(config);
  const app = await createApi(infrastructure);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return {
    app,
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      await app.close();
      await infrastructure.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
