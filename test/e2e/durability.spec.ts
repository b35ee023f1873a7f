import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Memory } from '@soma/memory';
import { type Client, clientOf } from './client.js';
import { runToEnd, type ServiceProcess, spawnService } from './service-process.js';

const WRITERS = 6;

/** Stores without a pause until the service is gone, and keeps what was acknowledged. */
async function writeUntilGone(client: Client, writer: number, acknowledged: Memory[]) {
  for (let n = 0; ; n++) {
    try {
      acknowledged.push(await client.store({ content: `writer ${writer} wrote sentence ${n}` }));
    } catch {
      return;
    }
  }
}

describe('durability', () => {
  const folder = mkdtempSync(join(tmpdir(), 'soma-durability-'));
  const dataDir = join(folder, 'data');
  const acknowledged: Memory[] = [];
  const running: ServiceProcess[] = [];
  let client: Client;

  async function start(): Promise<ServiceProcess> {
    const service = await spawnService(folder, {
      SOMA_RATE_LIMIT_PER_SECOND: '0',
      SOMA_LOG_LEVEL: 'warn',
    });
    running.push(service);
    client = clientOf(service.url, { token: service.token, id: '', tenant_id: '' });
    return service;
  }

  async function writeThenEnd(service: ServiceProcess, signal: 'SIGTERM' | 'SIGKILL') {
    const before = acknowledged.length;
    const writing = Array.from({ length: WRITERS }, (_, writer) =>
      writeUntilGone(client, writer, acknowledged),
    );
    while (acknowledged.length < before + 60) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const code = await service.end(signal);
    await Promise.all(writing);
    return code;
  }

  async function expectAllAcknowledged() {
    const kept = new Map<string, Memory>();
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = await client.list(`limit=200${cursor === '' ? '' : `&cursor=${cursor}`}`);
      page.memories.forEach((memory) => kept.set(memory.id, memory));
      cursor = page.next_cursor;
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual(60);
    for (const memory of acknowledged) expect(kept.get(memory.id)).toEqual(memory);
    const { memories, versions, embeddings } = await client.stats();
    expect([memories.total, versions, embeddings.total]).toEqual([kept.size, kept.size, kept.size]);
    for (const { id, content } of acknowledged.filter((_, n) => n % 10 === 0)) {
      const found = await client.search(content, { top_k: 20 });
      expect(found.memories.map((memory) => memory.id)).toContain(id);
    }
  }

  let service: ServiceProcess;
  let firstToken: string;

  beforeAll(async () => {
    service = await start();
    firstToken = service.token;
  });
  afterAll(async () => {
    await Promise.all(running.map((process) => process.end('SIGKILL')));
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  it('keeps its tokens in the data folder, for its owner alone', () => {
    expect(readFileSync(join(dataDir, 'token'), 'utf8').trim()).toBe(firstToken);
    for (const name of ['token', 'admin-token']) {
      expect(statSync(join(dataDir, name)).mode & 0o777).toBe(0o600);
    }
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  });

  it('loses nothing acknowledged to kill -9 in the middle of writes, twice', async () => {
    for (let kill = 1; kill <= 2; kill++) {
      expect(await writeThenEnd(service, 'SIGKILL')).toBe('SIGKILL');
      service = await start();
      expect(service.token).toBe(firstToken);
      await expectAllAcknowledged();
    }
  });

  it('refuses a second process on the same data folder, and says which one has it', async () => {
    const refused = await runToEnd(folder, { SOMA_DATA_DIR: dataDir });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/data folder \S+ is in use by process \d+.*SOMA_DATA_DIR/s);
    expect(refused.stderr).not.toContain('    at ');
    expect((await client.get('/readyz')).status).toBe(200);
    const stored = await client.store({ content: 'The first process goes on.' });
    expect((await client.read(stored.id)).access_count).toBe(1);
  });

  it('lets one of two processes that begin at once have a new data folder', async () => {
    const settings = { SOMA_DATA_DIR: join(folder, 'contested'), SOMA_LOG_LEVEL: 'warn' };
    const outcomes = await Promise.allSettled([
      spawnService(folder, settings),
      spawnService(folder, settings),
    ]);
    const started = outcomes.flatMap((outcome) =>
      outcome.status === 'fulfilled' ? [outcome.value] : [],
    );
    running.push(...started);
    expect(started).toHaveLength(1);
    const [refused] = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [String(outcome.reason)] : [],
    );
    expect(refused).toContain('is in use by process');
    expect(await started[0]?.end('SIGTERM')).toBe(0);
  });

  it('answers what is under way at SIGTERM, ends with 0, and loses nothing', async () => {
    expect(await writeThenEnd(service, 'SIGTERM')).toBe(0);
    service = await start();
    expect(service.token).toBe(firstToken);
    await expectAllAcknowledged();
  });
});
