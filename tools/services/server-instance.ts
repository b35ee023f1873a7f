import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { freePorts } from './free-port.ts';
import type { Instance, ServerContext, ServerDefinition } from './server-definition.ts';

/** Ports, secrets and an initialised data directory for a server that was never started here. */
export async function createInstance(
  definition: ServerDefinition,
  dir: string,
  context: ServerContext,
): Promise<Instance> {
  const dataDir = join(dir, 'data', definition.name);
  const logFile = join(dir, 'logs', `${definition.name}.log`);
  // Whatever is there belongs to no known instance: the leavings of an interrupted start.
  await rm(dataDir, { recursive: true, force: true, maxRetries: 10 });
  await rm(logFile, { force: true });
  await mkdir(dataDir, { recursive: true });
  await mkdir(join(dir, 'logs'), { recursive: true });
  const [port = 0, ...innerPorts] = await freePorts(1 + definition.innerPortCount);
  const secrets = Object.fromEntries(
    definition.secretNames.map((name) => [name, randomBytes(16).toString('hex')]),
  );
  const instance = { port, innerPorts, secrets, dataDir, logFile };
  try {
    await definition.prepare(instance, context);
  } catch (error) {
    await rm(dataDir, { recursive: true, force: true, maxRetries: 10 });
    throw error;
  }
  return instance;
}
