import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Memory } from '@soma/memory';
import { type Client, clientOf, createClient } from './client.js';
import { newDataFolder } from './data-folder.js';
import { problem } from './http.js';
import { type ServiceProcess, spawnService } from './service-process.js';
import { soma, somaJson, somaRefusal } from './soma-command.js';
import { everyMemory, fillTenant, pictureOf, type TenantPicture } from './tenant-picture.js';

interface Report {
  readonly manifest: { readonly rows: Record<string, number>; readonly sha256: string };
}

const SETTINGS = { SOMA_RATE_LIMIT_PER_SECOND: '0', SOMA_LOG_LEVEL: 'warn' };
const MEMORIES = 100;

describe('a backup of the embedded service', () => {
  const folder = mkdtempSync(join(tmpdir(), 'soma-backup-'));
  const file = join(folder, 'soma.backup');
  const running: ServiceProcess[] = [];
  const acknowledged: Memory[] = [];
  let data: string;
  let service: ServiceProcess;
  let ours: Client;
  let theirs: Client;

  const start = async (dataDir: string): Promise<ServiceProcess> => {
    const started = await spawnService(folder, { ...SETTINGS, SOMA_DATA_DIR: dataDir });
    running.push(started);
    return started;
  };
  const at = (client: Client, url: string): Client =>
    clientOf(url, { token: client.token, id: client.tokenId, tenant_id: client.tenantId });
  const picturesAt = (url: string): Promise<TenantPicture[]> =>
    Promise.all([ours, theirs].map((client) => pictureOf(at(client, url))));
  /** Stores without a pause until the service is gone. */
  const writeOn = async (client: Client): Promise<void> => {
    for (let n = 0; ; n += 1) {
      try {
        const content = `written on ${n}`;
        acknowledged.push(await client.store({ namespace: 'busy', content }));
      } catch {
        return;
      }
    }
  };
  const kept = (dataDir: string) => readFileSync(resolve(folder, dataDir, 'token'), 'utf8');

  let before: TenantPicture[];
  let sure: Memory[];
  let report: Report;

  beforeAll(async () => {
    data = await newDataFolder();
    service = await start(data);
    const operator = readFileSync(join(data, 'admin-token'), 'utf8').trim();
    [ours, theirs] = [
      await createClient(service.url, operator),
      await createClient(service.url, operator),
    ];
    await fillTenant(ours, service.url, MEMORIES, 'ours');
    await fillTenant(theirs, service.url, MEMORIES, 'theirs');
    await Promise.all([ours.settledStats(), theirs.settledStats()]);
    before = await picturesAt(service.url);
    const writing = [writeOn(ours), writeOn(ours), writeOn(theirs)];
    while (acknowledged.length < 60) await new Promise((resolve) => setTimeout(resolve, 5));
    sure = [...acknowledged];
    const args = ['admin', 'backup', '--out', file, '--url', service.url];
    report = await somaJson<Report>(folder, args, { SOMA_DATA_DIR: data });
    await service.end('SIGKILL');
    await Promise.all(writing);
  }, 400_000);
  afterAll(async () => {
    await Promise.all(running.map((process) => process.end('SIGKILL')));
    for (const path of [folder, data])
      rmSync(path, { recursive: true, force: true, maxRetries: 10 });
  });

  it('says what is in it, for its owner alone, and has no token in it', async () => {
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const { rows } = report.manifest;
    expect(rows).toMatchObject({ tenants: 3, tokens: 3, links: 40 });
    expect(rows['memories']).toBeGreaterThanOrEqual(2 * (MEMORIES + 1) + sure.length);
    expect(rows['memories']).toBeLessThanOrEqual(2 * (MEMORIES + 1) + acknowledged.length);
    const secret = ours.token.split('_')[2] ?? '';
    const dump = await somaJson<Report>(folder, [
      'admin',
      'backup',
      '--data-dir',
      data,
      '--out',
      'b',
    ]);
    expect(dump.manifest.rows['memories']).toBeGreaterThanOrEqual(rows['memories'] ?? 0);
    expect(JSON.stringify(dump)).not.toContain(secret);
  });

  it('is not written over another file', async () => {
    const args = ['admin', 'backup', '--out', file, '--data-dir', data];
    const whole = readFileSync(file);
    expect(await somaRefusal(folder, args)).toMatchObject({ code: 'FILE_EXISTS', exit_code: 2 });
    expect(readFileSync(file).equals(whole)).toBe(true);
  });

  describe('restored', () => {
    let restored: ServiceProcess;

    beforeAll(async () => {
      await somaJson(folder, ['admin', 'restore', file, '--data-dir', 'restored']);
      restored = await start('restored');
    });

    it('has everything that was acknowledged before it began', async () => {
      const [mine, others] = await Promise.all(
        [ours, theirs].map((client) => everyMemory(at(client, restored.url), 'busy')),
      );
      const found = new Map(
        [...(mine ?? []), ...(others ?? [])].map((memory) => [memory.id, memory]),
      );
      expect(sure.length).toBeGreaterThanOrEqual(60);
      for (const memory of sure) expect(found.get(memory.id)).toEqual(memory);
      const all = new Set(acknowledged.map(({ id }) => id));
      const strangers = [...found.keys()].filter((id) => !all.has(id));
      // At most what each of three writers had under way and was not told of.
      expect(strangers.length).toBeLessThanOrEqual(3);
    });

    it('has versions, links, languages and tokens, and answers at once as before', async () => {
      expect(before[0]).toMatchObject({ counts: { versions: MEMORIES + 20 }, language: 'german' });
      expect(before[0]?.german).toHaveLength(1);
      expect(await picturesAt(restored.url)).toEqual(before);
    });

    it('answers the same once the index is filled, and shows nothing of the other tenant', async () => {
      await Promise.all([ours, theirs].map((client) => at(client, restored.url).settledStats()));
      const [mine, others] = await picturesAt(restored.url);
      expect([mine, others]).toEqual(before);
      const ids = new Set(mine?.listed.map(({ id }) => id));
      expect(ids.size).toBe(MEMORIES);
      expect(others?.answers.flat().filter((id) => ids.has(id))).toEqual([]);
      const [foreign] = ids;
      expect(await at(theirs, restored.url).get(`/memories/${foreign}`)).toMatchObject(
        problem('MEMORY_NOT_FOUND'),
      );
    });

    it('takes new memories, with tokens of its own for a new folder', async () => {
      const stored = await at(ours, restored.url).store({ content: 'after the restore' });
      const found = await at(ours, restored.url).search('after the restore');
      expect(found.memories[0]?.id).toBe(stored.id);
      expect(kept('restored')).not.toBe(kept(data));
    });

    it('is not restored over a running service, nor over data that is not given up', async () => {
      const over = (...more: string[]) =>
        somaRefusal(folder, ['admin', 'restore', file, '--data-dir', 'restored', ...more]);
      expect(await over('--replace')).toMatchObject({ code: 'TARGET_IN_USE' });
      await restored.end('SIGTERM');
      expect(await over()).toMatchObject({ code: 'TARGET_NOT_EMPTY', exit_code: 5 });
      restored = await start('restored');
      expect((await at(ours, restored.url).search('after the restore')).memories).not.toEqual([]);
      await restored.end('SIGTERM');
      await somaJson(folder, ['admin', 'restore', file, '--data-dir', 'restored', '--replace']);
      restored = await start('restored');
      const found = await at(ours, restored.url).list('limit=200');
      expect(found.memories).toHaveLength(MEMORIES);
      expect(readdirSync(join(folder, 'restored')).sort()).toEqual([
        'admin-token',
        'lock',
        'postgres',
        'token',
      ]);
    });
  });

  describe('that is not whole, or not for this', () => {
    const damagedBy = async (change: (path: string) => void) => {
      const path = join(folder, 'damaged.backup');
      copyFileSync(file, path);
      change(path);
      const refusal = await somaRefusal(folder, ['admin', 'restore', path, '--data-dir', 'none']);
      expect(existsSync(join(folder, 'none'))).toBe(false);
      return refusal;
    };

    it('is refused when it was cut off or changed, and nothing is made', async () => {
      const { size } = statSync(file);
      const refused = { code: 'BACKUP_DAMAGED', exit_code: 5 };
      expect(await damagedBy((path) => truncateSync(path, size - 1))).toMatchObject(refused);
      expect(await damagedBy((path) => truncateSync(path, Math.floor(size / 2)))).toMatchObject(
        refused,
      );
      const flipped = await damagedBy((path) => {
        const bytes = readFileSync(path);
        bytes[1000] = (bytes[1000] ?? 0) ^ 1;
        writeFileSync(path, bytes);
      });
      expect(flipped).toMatchObject(refused);
      expect(await damagedBy((path) => writeFileSync(path, 'PGDMP'))).toMatchObject(refused);
    });

    it('is refused by PostgreSQL, before a server is asked', async () => {
      const url = 'postgresql://nobody@127.0.0.1:1/none';
      const settings = { SOMA_POSTGRES_URL: url, SOMA_POSTGRES_OWNER_URL: url };
      expect(await somaRefusal(folder, ['admin', 'restore', file], settings)).toMatchObject({
        code: 'BACKUP_OF_ANOTHER_STACK',
        hint: expect.stringContaining('--data-dir'),
      });
    });

    it('says what is missing', async () => {
      const backup = (args: string[], settings = {}) =>
        somaRefusal(folder, ['admin', 'backup', '--out', 'new.backup', ...args], settings);
      expect(await backup(['--data-dir', 'nowhere'])).toMatchObject({
        code: 'SOURCE_NOT_READABLE',
      });
      expect(
        await backup([], { SOMA_POSTGRES_OWNER_URL: 'postgresql://nobody@127.0.0.1:1/none' }),
      ).toMatchObject({ code: 'SETTINGS_MISSING', exit_code: 2 });
      const url = 'postgresql://nobody@127.0.0.1:1/none';
      const settings = { SOMA_POSTGRES_URL: url, SOMA_POSTGRES_OWNER_URL: url };
      expect(await backup([], settings)).toMatchObject({
        code: 'DATABASE_UNAVAILABLE',
        exit_code: 6,
      });
      expect(existsSync(join(folder, 'new.backup'))).toBe(false);
      expect((await soma(folder, ['admin', 'restore'])).code).toBe(2);
    });
  });
});
