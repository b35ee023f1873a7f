import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Reembedding } from '@soma/indexing';
import type { BulkResult } from '@soma/memory';
import type { SearchResponse } from '@soma/search';
import { BACKWARDS, type EmbeddingProvider, startEmbeddingProvider } from './embedding-provider.js';
import { ok, sendRequest } from './http.js';
import { textOf } from './reembed-load.js';
import { runToEnd, type ServiceProcess, spawnService } from './service-process.js';

const ADMIN = { SOMA_ADMIN_TOKEN: 'operator-token-of-the-tests' };
const MEMORIES = 600;
/** Texts that one process has in hand. */
const PAGE = 128;
const SPELLING = 'openai:spelling:64';
const REVERSED = `openai:${BACKWARDS}:64`;

describe('a service whose embedding model changes', () => {
  let provider: EmbeddingProvider;
  let folder: string;
  let settings: Record<string, string>;
  let service: ServiceProcess;

  const status = () =>
    ok(
      sendRequest<Reembedding>(service.url, 'GET', '/admin/reembed', {
        token: ADMIN.SOMA_ADMIN_TOKEN,
      }),
    );
  const search = (query: string) =>
    ok(
      sendRequest<SearchResponse>(service.url, 'POST', '/memories/search', {
        token: service.token,
        body: { query, recipe: 'dense', top_k: 1 },
      }),
    );
  const made = () => (provider.made.get(BACKWARDS) ?? []).filter((text) => text.startsWith('w'));

  beforeAll(async () => {
    provider = await startEmbeddingProvider();
    folder = mkdtempSync(join(tmpdir(), 'soma-reembed-'));
    settings = {
      ...ADMIN,
      ...provider.settings,
      SOMA_EMBEDDING_TIMEOUT_MS: '20000',
      SOMA_EMBEDDING_REQUEST_BUDGET_MS: '20000',
    };
  });
  afterAll(async () => {
    await service.end('SIGKILL');
    await provider.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  it('takes the configured model as long as nothing is stored', async () => {
    service = await spawnService(folder, ADMIN);
    expect((await status()).active).toBe('hash-v1:768');
    await service.end('SIGTERM');
    service = await spawnService(folder, settings);
    expect((await status()).active).toBe(SPELLING);
    expect(service.output()).not.toContain('soma admin reembed');
  }, 600_000);

  it('goes on after kill -9, and has no vector made twice that was kept', async () => {
    for (let from = 0; from < MEMORIES; from += 200) {
      const memories = Array.from({ length: 200 }, (_, at) => ({ content: textOf(from + at) }));
      const { token } = service;
      const stored = sendRequest<BulkResult>(service.url, 'POST', '/memories/bulk', {
        token,
        body: { memories },
      });
      expect((await ok(stored)).failed).toBe(0);
    }
    // So long that some are yet to be made when the first are seen to be kept.
    provider.delayMs = 5_000;
    const body = { model: BACKWARDS };
    const token = ADMIN.SOMA_ADMIN_TOKEN;
    const asked = sendRequest(service.url, 'POST', '/admin/reembed', { token, body });
    expect((await asked).status).toBe(202);
    while ((await status()).models.every(({ vectors }) => vectors < PAGE)) await sleep(50);
    await service.end('SIGKILL');
    const before = made().length;
    expect(before).toBeLessThan(MEMORIES);
    provider.delayMs = 0;

    service = await spawnService(folder, settings);
    expect((await status()).active).toBe(SPELLING);
    while ((await status()).active !== REVERSED) await sleep(200);
    expect(new Set(made()).size).toBe(MEMORIES);
    expect(made().length - MEMORIES).toBeLessThanOrEqual(PAGE);
    const found = await search(textOf(77));
    expect(found.memories[0]).toMatchObject({ content: textOf(77) });
    expect(found.memories[0]?.score).toBeGreaterThan(0.999);
  }, 600_000);

  it('keeps to the model of its memories when another is configured, and says so', async () => {
    await service.end('SIGTERM');
    service = await spawnService(folder, { ...settings, SOMA_EMBEDDING_PROVIDER: 'hash' });
    expect(await status()).toMatchObject({ configured: 'hash-v1:64', active: REVERSED });
    expect(service.output()).toContain('hash-v1:64');
    expect(service.output()).toContain('soma admin reembed');
    const found = await search(textOf(78));
    expect(found).toMatchObject({ partial: false, memories: [{ content: textOf(78) }] });
  }, 600_000);

  it('does not start where it cannot reach that model', async () => {
    await service.end('SIGTERM');
    const { code, stderr } = await runToEnd(folder, ADMIN);
    expect(code).toBe(1);
    for (const word of [REVERSED, 'hash-v1:768', 'SOMA_EMBEDDING_URL', 'soma admin reembed']) {
      expect(stderr).toContain(word);
    }
  }, 600_000);
});
