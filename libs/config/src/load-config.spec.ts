import { ConfigError } from './config-error.js';
import { parseConfig } from './load-config.js';
import { settingsSchema } from './settings.js';

describe(parseConfig.name, () => {
  it('P49 gives the embedded stack when nothing is set', () => {
    expect(parseConfig({})).toMatchObject({
      api: { host: '127.0.0.1', port: 10101 },
      dataDir: './data',
      postgres: undefined,
      milvus: undefined,
      redis: undefined,
      embedding: { provider: 'hash', dimension: 768 },
      indexer: 'in-process',
    });
  });

  it('works on fewer requests at once with the embedded database', () => {
    expect(parseConfig({}).concurrency.requests).toBe(4);
    expect(parseConfig({ SOMA_CONCURRENT_REQUESTS: '7' }).concurrency.requests).toBe(7);
    const servers = { SOMA_POSTGRES_URL: 'postgresql://app@db/soma' };
    expect(parseConfig(servers).concurrency.requests).toBe(16);
  });

  it('leaves the index to workers once PostgreSQL and Milvus are both set', () => {
    const postgres = { SOMA_POSTGRES_URL: 'postgresql://soma@db/soma' };
    expect(parseConfig(postgres).indexer).toBe('in-process');
    expect(parseConfig({ ...postgres, SOMA_MILVUS_ADDRESS: 'milvus:19530' }).indexer).toBe(
      'worker',
    );
  });

  it('takes up to 16 different classes of tenants, the first of them for those without one', () => {
    const classes = (list?: string) =>
      parseConfig({ SOMA_TENANT_CLASSES: list }).quotas.tenantClasses;
    expect(classes()).toEqual(['standard']);
    expect(classes('free, gold')).toEqual(['free', 'gold']);
    const many = Array.from({ length: 17 }, (_, n) => `c${n}`).join(',');
    for (const wrong of ['gold,gold', 'gold,', 'Gold', many, `g${'o'.repeat(32)}`]) {
      expect(() => classes(wrong)).toThrow('SOMA_TENANT_CLASSES');
    }
  });

  it('refuses workers that could not bring the index up to date', () => {
    expect(() => parseConfig({ SOMA_INDEXER: 'worker' })).toThrow(ConfigError);
  });

  it('names every setting that is wrong', () => {
    const wrong = {
      SOMA_API_PORT: 'x',
      SOMA_EMBEDDING_PROVIDER: 'magic',
      SOMA_ADMIN_TOKEN: 'short',
    };
    expect(() => parseConfig(wrong)).toThrow(
      /SOMA_API_PORT[\s\S]*SOMA_ADMIN_TOKEN[\s\S]*SOMA_EMBEDDING_PROVIDER/,
    );
  });

  it('takes an empty value as not set, and ignores what is not ours', () => {
    expect(parseConfig({ SOMA_API_PORT: '', PATH: '/bin' }).api.port).toBe(10101);
  });

  it('wants the address and the model of a provider', () => {
    expect(() => parseConfig({ SOMA_EMBEDDING_PROVIDER: 'openai' })).toThrow(/SOMA_EMBEDDING_URL/);
  });

  it('joins a model with the hash unless told not to', () => {
    const provider = {
      SOMA_EMBEDDING_PROVIDER: 'openai',
      SOMA_EMBEDDING_URL: 'http://127.0.0.1:1/v1/embeddings',
      SOMA_EMBEDDING_MODEL: 'tiny',
    };
    expect(parseConfig(provider).embedding).toMatchObject({ joinHash: true });
    const alone = { ...provider, SOMA_EMBEDDING_JOIN_HASH: 'off' };
    expect(parseConfig(alone).embedding).toMatchObject({ joinHash: false });
    expect(() => parseConfig({ ...provider, SOMA_EMBEDDING_JOIN_HASH: 'yes' })).toThrow(
      /SOMA_EMBEDDING_JOIN_HASH/,
    );
  });

  it('describes every setting', () => {
    const silent = Object.entries(settingsSchema.shape).filter(([, schema]) => !schema.description);
    expect(silent).toEqual([]);
  });
});
