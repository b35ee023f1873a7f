import { serviceEnvironment } from './service-environment.ts';

const run = {
  port: 4000,
  workerPort: 4001,
  dataDir: '/d',
  adminToken: 'an-admin-token-of-a-run',
} as const;
const servers = {
  SOMA_POSTGRES_URL: 'postgres://app@db/soma',
  SOMA_POSTGRES_OWNER_URL: 'postgres://owner@db/soma',
  SOMA_MILVUS_ADDRESS: 'milvus:19530',
  SOMA_REDIS_URL: 'redis://cache',
};

describe('serviceEnvironment', () => {
  it('starts the embedded stack whatever servers and settings the caller has', () => {
    const made = serviceEnvironment(
      { ...servers, SOMA_LOG_LEVEL: 'trace', PATH: '/bin' },
      { ...run, stack: 'embedded' },
    );
    expect(made).toMatchObject({
      PATH: '/bin',
      SOMA_API_HOST: '127.0.0.1',
      SOMA_API_PORT: '4000',
      SOMA_DATA_DIR: '/d',
      SOMA_RATE_LIMIT_PER_SECOND: '0',
    });
    expect(Object.keys(servers).map((name) => made[name])).toEqual(['', '', '', '']);
    expect(made).not.toHaveProperty('SOMA_LOG_LEVEL');
  });

  it('hands the addresses of the servers to the production stack, and settings win', () => {
    const settings = { SOMA_RATE_LIMIT_PER_SECOND: '7' };
    const made = serviceEnvironment(servers, { ...run, stack: 'production', settings });
    expect(made).toMatchObject({ ...servers, ...settings });
  });

  it('names the addresses that a production run lacks', () => {
    const { SOMA_REDIS_URL: _, ...rest } = servers;
    expect(() => serviceEnvironment(rest, { ...run, stack: 'production' })).toThrow(
      '--stack production needs SOMA_REDIS_URL',
    );
  });
});
