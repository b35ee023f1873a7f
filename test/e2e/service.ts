import 'reflect-metadata';
import { rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { type Infrastructure, openInfrastructure } from '@soma/composition';
import { parseConfig } from '@soma/config';
import type { Extension } from '@soma/extensions';
import { createApi } from '../../apps/api/src/app.setup.js';
import { type Client, createClient } from './client.js';
import { newDataFolder } from './data-folder.js';
import { type Answer, type RequestOptions, sendRequest } from './http.js';
import { prepareStack, stackSettings, startWorkerFor, untilConnected } from './stack.js';

export type { Client } from './client.js';
export type { Answer, RequestOptions } from './http.js';

export const OPERATOR_TOKEN = 'operator-token-of-the-tests';

/** The whole API in this process, on the embedded stack unless the settings say otherwise. */
export interface Service {
  readonly url: string;
  readonly dataDir: string;
  /** What the service itself works with. */
  readonly infrastructure: Infrastructure;
  request<Body>(method: string, path: string, options?: RequestOptions): Promise<Answer<Body>>;
  /** A tenant of its own with a token of these scopes (all by default). */
  tenant(scopes?: readonly string[]): Promise<Client>;
  /** What the API was given for a port, for looking into stores that have no route. */
  provided<Port>(port: abstract new (...args: never[]) => Port): Port;
  close(): Promise<void>;
}

export async function startService(
  settings: Record<string, string> = {},
  extensions: readonly Extension[] = [],
): Promise<Service> {
  const dataDir = await newDataFolder();
  const config = parseConfig({
    SOMA_DATA_DIR: dataDir,
    SOMA_ADMIN_TOKEN: OPERATOR_TOKEN,
    SOMA_RATE_LIMIT_PER_SECOND: '0',
    SOMA_CONSOLIDATE_INTERVAL_S: '0',
    SOMA_FORGETTING_INTERVAL_S: '0',
    SOMA_LOG_LEVEL: 'silent',
    ...stackSettings(),
    ...settings,
  });
  await prepareStack(config);
  const infrastructure = await untilConnected(() => openInfrastructure(config, { extensions }));
  const app = await createApi(infrastructure);
  await app.listen(0, '127.0.0.1');
  const stopWorker = await startWorkerFor(config);
  const { port } = app.getHttpServer().address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    dataDir,
    infrastructure,
    request: (method, path, options) => sendRequest(url, method, path, options),
    tenant: (scopes) => createClient(url, OPERATOR_TOKEN, scopes),
    provided: (port) => app.get(port),
    close: async () => {
      await app.close();
      await stopWorker();
      await infrastructure.close();
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}
