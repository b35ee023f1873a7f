import { parseConfig } from '@soma/config';
import { type Client, createClient } from '../e2e/client.js';
import { newDataFolder } from '../e2e/data-folder.js';
import { type Answer, sendRequest } from '../e2e/http.js';
import { OPERATOR_TOKEN } from '../e2e/service.js';
import { spawnReplica } from '../e2e/service-process.js';
import { createOwnStack, prepareStack, stackSettings } from '../e2e/stack.js';

/** Processes of the built API on one database and one Redis: in one process they would share a guard. */
export interface Replicas {
  readonly urls: readonly [string, string];
  /** A tenant, made by the first. */
  tenant(): Promise<Client>;
  /** What one of them answers the operator. */
  asOperator<Body>(
    url: string,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Answer<Body>>;
  close(): Promise<void>;
}

export async function startReplicas(settings: Record<string, string> = {}): Promise<Replicas> {
  const stack = await createOwnStack();
  const environment = {
    SOMA_ADMIN_TOKEN: OPERATOR_TOKEN,
    SOMA_RATE_LIMIT_PER_SECOND: '0',
    SOMA_LOG_LEVEL: 'fatal',
    ...stackSettings(),
    ...stack.settings,
    ...settings,
  };
  await prepareStack(parseConfig(environment));
  const folder = await newDataFolder();
  const first = await spawnReplica(folder, environment);
  const second = await spawnReplica(folder, environment);
  return {
    urls: [first.url, second.url],
    tenant: () => createClient(first.url, OPERATOR_TOKEN),
    asOperator: (url, method, path, body) =>
      sendRequest(url, method, path, { token: OPERATOR_TOKEN, body }),
    close: async () => {
      await Promise.all([first.end('SIGTERM'), second.end('SIGTERM')]);
      await stack.drop();
    },
  };
}
