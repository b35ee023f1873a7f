import 'reflect-metadata';
import { rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { openInfrastructure } from '@soma/composition';
import { parseConfig } from '@soma/config';
import { createApi } from '../../apps/api/src/app.setup.js';
import { type Client, createClient } from './client.js';
import { newDataFolder } from './data-folder.js';
import { type Answer, type RequestOptions, sendRequest } from './http.js';
import { prepareStack, stackSettings, startWorkerFor } from './stack.js';

export type { Client } from './client.js';
export type { Answer, RequestOptions } from './http.js';

export const OPERATOR_TOKEN = 'operator-token-of-the-tests';

/** The whole API in this process, on the embedded stack unless the settings say otherwise. */
export interface Service {
  readonly url: string;
  readonly dataDir: string;
  request<Body>(method: string, path: string, options?: RequestOptions): Promise<Answer<Body>>;
  /** A tenant of its own with a token of these scopes (all by default). */
  tenant(scopes?: readonly string[]): Promise<Client>;
  close(): Promise<void>;
}

export async function startService(settings: Record<string, string> = {}): Promise<Service> {
  const dataDir = await newDataFolder();
  const config = parseConfig({
    SOMA_DATA_DIR: dataDir,
    SOMA_ADMIN_TOKEN: OPERATOR_TOKEN,
    SOMA_RATE_LIMIT_PER_SECOND: '0',
    SOMA_LOG_LEVEL: 'silent',
    ...stackSettings(),
    ...settings,
  });
  await prepareStack(config);
  const infrastructure = await openInfrastructure(config);
  const app = await createApi(infrastructure);
  await app.listen(0, '127.0.0.1');
  const stopWorker = await startWorkerFor(config);
  const { port } = app.getHttpServer().address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    dataDir,
    request: (method, path, options) => sendRequest(url, method, path, options),
    tenant: (scopes) => createClient(url, OPERATOR_TOKEN, scopes),
    close: async () => {
      await app.close();
      await stopWorker();
      await infrastructure.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
