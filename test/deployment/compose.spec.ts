import { existsSync, readFileSync } from 'node:fs';
import { settingsSchema } from '@soma/config';
import { parse } from 'yaml';

interface ComposeService {
  readonly image: string;
  readonly command?: readonly string[];
  readonly mem_limit?: string;
  readonly healthcheck?: object;
  readonly restart?: string;
  readonly ports?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

const text = readFileSync('docker-compose.yml', 'utf8');
const { services } = parse(text, { merge: true }) as {
  services: Readonly<Record<string, ComposeService>>;
};
const all = Object.entries(services);

const UNITS = { m: 2 ** 20, g: 2 ** 30 };

function bytesOf(limit: string): number {
  const [, count, unit] = /^(\d+)([mg])$/.exec(limit) ?? [];
  if (count === undefined) throw new Error(`mem_limit ${limit} is not a number of m or g`);
  return Number(count) * UNITS[unit as keyof typeof UNITS];
}

describe('docker-compose.yml', () => {
  it('P47 every service has a memory limit, and together they stay within 10 GB', () => {
    const limits = all.map(([name, { mem_limit: limit }]) => [name, limit ?? 'none'] as const);
    expect(limits.filter(([, limit]) => limit === 'none')).toEqual([]);
    const sum = limits.reduce((total, [, limit]) => total + bytesOf(limit), 0);
    expect(sum).toBeLessThanOrEqual(10e9);
    expect(sum).toBeGreaterThan(5e9);
  });

  it('P47 has the whole production stack', () => {
    expect(Object.keys(services).toSorted()).toEqual(
      ['api', 'etcd', 'migrate', 'milvus', 'minio', 'postgres', 'redis', 'worker'].toSorted(),
    );
  });

  it('says of every service that stays whether it is healthy', () => {
    const staying = all.filter(([, { restart }]) => restart !== 'no');
    expect(staying.filter(([, { healthcheck }]) => !healthcheck)).toEqual([]);
  });

  it('has no secret of its own: every one comes from .env, and its absence is an error', () => {
    const secrets = all.flatMap(([name, { environment = {} }]) =>
      Object.entries(environment)
        .filter(([key]) => /PASSWORD|TOKEN|SECRET|_URL$|AUTH/.test(key))
        .map(([key, value]) => ({ name, key, value })),
    );
    expect(secrets.filter(({ value }) => !/\$\{[A-Z_]+:\?/.test(value))).toEqual([]);
    expect(secrets.length).toBeGreaterThan(5);
  });

  it('is reached from this machine only', () => {
    const published = all.flatMap(([, { ports = [] }]) => ports);
    expect(published).toHaveLength(1);
    expect(published.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it('sets only settings that there are', () => {
    const set = all.flatMap(([, { environment = {} }]) => Object.keys(environment));
    const unknown = set.filter((key) => key.startsWith('SOMA_') && !(key in settingsSchema.shape));
    expect(unknown).toEqual([]);
  });

  it('starts programs that there are', () => {
    const programs = all.flatMap(([, { command = [] }]) =>
      command.filter((word) => word.startsWith('dist/')),
    );
    const sources = programs.map((path) => path.replace('dist/', '').replace(/\.js$/, '.ts'));
    expect(sources.filter((path) => !existsSync(path))).toEqual([]);
    expect(sources).toHaveLength(2);
  });
});
