import { rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { type Infrastructure, openInfrastructure } from '@soma/composition';
import { parseConfig } from '@soma/config';
import { createWorker } from '../../apps/worker/src/worker.setup.js';
import { newDataFolder } from './data-folder.js';

const OPERATOR = 'operator-token-of-the-worker';

describe('how much a worker logs', () => {
  let dataDir: string;
  let infrastructure: Infrastructure;
  let worker: Awaited<ReturnType<typeof createWorker>>;
  let url: string;

  beforeAll(async () => {
    dataDir = await newDataFolder();
    const config = parseConfig({
      SOMA_DATA_DIR: dataDir,
      SOMA_LOG_LEVEL: 'fatal',
      SOMA_ADMIN_TOKEN: OPERATOR,
    });
    infrastructure = await openInfrastructure(config, { inBackground: true });
    worker = await createWorker(infrastructure);
    await worker.listen(0, '127.0.0.1');
    const { port } = worker.getHttpServer().address() as AddressInfo;
    url = `http://127.0.0.1:${port}/admin/log-level`;
  });
  afterAll(async () => {
    await worker.close();
    await infrastructure.close();
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 10 });
  });

  const ask = async (token: string, body?: object) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const init = body && { method: 'PUT', body: JSON.stringify(body) };
    const answer = await fetch(url, { headers, ...init });
    return { status: answer.status, body: await answer.json() };
  };

  it("P15 is changed by the operator's token, for as long as it says", async () => {
    const configured = 'fatal';
    expect(await ask(OPERATOR)).toEqual({
      status: 200,
      body: { level: 'fatal', configured, until: null },
    });
    expect(await ask(OPERATOR, { level: 'silent', for_seconds: 60 })).toEqual({
      status: 200,
      body: { level: 'silent', configured, until: expect.stringMatching(/Z$/) },
    });
  });

  it('P15 is neither said nor changed to anybody else', async () => {
    for (const token of ['', 'x', `${OPERATOR}x`, `soma_1_${'0'.repeat(64)}`]) {
      expect((await ask(token)).status).toBe(401);
      expect((await ask(token, { level: 'trace' })).status).toBe(401);
    }
    expect((await fetch(url)).status).toBe(401);
    expect((await ask(OPERATOR)).body).toMatchObject({ level: 'silent' });
  });

  it('P15 is not changed to what is no level', async () => {
    expect((await ask(OPERATOR, { level: 'loud' })).status).toBe(400);
    expect((await ask(OPERATOR, { level: 'trace', more: 'x'.repeat(2_000) })).status).toBe(413);
    expect((await ask(OPERATOR)).body).toMatchObject({ level: 'silent' });
  });
});
