export type Stack = 'embedded' | 'production';

/** What a production run needs from the environment: the addresses of the real servers. */
export const PRODUCTION_VARIABLES = [
  'SOMA_POSTGRES_URL',
  'SOMA_POSTGRES_OWNER_URL',
  'SOMA_MILVUS_ADDRESS',
  'SOMA_REDIS_URL',
] as const;

/** Empty counts as not set, and a .env file does not fill it in. */
const NO_SERVERS = Object.fromEntries(PRODUCTION_VARIABLES.map((name) => [name, '']));

export interface ServiceEnvironment {
  stack: Stack;
  port: number;
  workerPort: number;
  dataDir: string;
  adminToken: string;
  /** Settings of this run, stronger than the caller's environment. */
  settings?: Readonly<Record<string, string>>;
}

/**
 * The environment of a service that a benchmark starts: of the caller's SOMA_ settings only the
 * server addresses are kept, and only for the production stack, so a run depends on its command
 * line alone. Rate limits are off. Throws, naming them, when addresses are missing.
 */
export function serviceEnvironment(
  caller: Readonly<Record<string, string | undefined>>,
  { stack, port, workerPort, dataDir, adminToken, settings = {} }: ServiceEnvironment,
): Record<string, string | undefined> {
  const inherited = Object.fromEntries(
    Object.entries(caller).filter(([name]) => !name.startsWith('SOMA_')),
  );
  return {
    ...inherited,
    ...(stack === 'production' ? serverAddresses(caller) : NO_SERVERS),
    SOMA_API_HOST: '127.0.0.1',
    SOMA_API_PORT: String(port),
    SOMA_WORKER_PORT: String(workerPort),
    SOMA_DATA_DIR: dataDir,
    SOMA_ADMIN_TOKEN: adminToken,
    SOMA_RATE_LIMIT_PER_SECOND: '0',
    ...settings,
  };
}

function serverAddresses(
  caller: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const missing = PRODUCTION_VARIABLES.filter((name) => !caller[name]);
  if (missing.length > 0) {
    throw new Error(
      `--stack production needs ${missing.join(', ')}: start the servers with tools/services and set what it prints`,
    );
  }
  return Object.fromEntries(PRODUCTION_VARIABLES.map((name) => [name, caller[name]]));
}
