import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { HierarchyTree } from '@soma/consolidation';
import { type Client, createClient } from './client.js';
import { eventually } from './eventually.js';
import { runToEnd, type ServiceProcess, spawnService } from './service-process.js';

const OPERATOR = 'operator-token-of-this-process';
const EXAMPLE = fileURLToPath(new URL('../../examples/extensions/house-rules.ts', import.meta.url));

/** As somebody who deploys the service would write it. */
const HOSTILE = `
import { appendFileSync, writeFileSync } from 'node:fs';
const tagged = (draft, tag) => (draft.kind === 'store' ? draft.memory.tags : []).includes(tag);
export default {
  name: 'hostile', api: 1,
  hooks: {
    beforeStore(scope, draft) {
      if (tagged(draft, 'throw')) throw new Error('canary7c1e');
      if (tagged(draft, 'hang')) return new Promise(() => {});
      if (tagged(draft, 'rubbish')) return { memory: 7 };
      if (tagged(draft, 'widen')) scope.tenantId = '0198c1f0-0000-7000-8000-0000000000aa';
    },
    afterStore(scope, { memories }) {
      if (memories[0].tags.includes('reject')) throw new Error('canary7c1e');
      writeFileSync('told.txt', memories[0].content);
    },
    beforeConsolidate(scope, { by, namespace }) {
      if (namespace === 'asleep') return { refuse: 'Not now.' };
      if (by === 'request') throw new Error('never');
    },
    afterConsolidate(scope, { by, namespace, created }) {
      appendFileSync('consolidated.txt', [scope.tenantId, by, namespace, created > 0].join(' ') + '\\n');
    },
  },
};`;

describe('P37 extensions as modules of a deployed service', () => {
  const folder = mkdtempSync(join(tmpdir(), 'soma-extension-modules-'));
  let service: ServiceProcess;
  let client: Client;

  beforeAll(async () => {
    writeFileSync(join(folder, 'hostile.mjs'), HOSTILE);
    service = await spawnService(folder, {
      SOMA_ADMIN_TOKEN: OPERATOR,
      SOMA_EXTENSIONS: `${EXAMPLE}, ./hostile.mjs`,
      SOMA_EXTENSION_TIMEOUT_MS: '3000',
      SOMA_CONSOLIDATE_INTERVAL_S: '1',
      SOMA_CONSOLIDATE_AFTER_CHANGES: '2',
    });
    client = await createClient(service.url, OPERATOR);
  });
  afterAll(async () => {
    await service.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  it('the example keeps no card number, by whatever road it comes', async () => {
    const said = 'He pays with 4111 1111 1111 1111.';
    const kept = 'He pays with [card number].';
    const stored = await client.store({ content: said });
    expect(stored.content).toBe(kept);
    const { results } = await client.storeAll([{ content: said }]);
    expect(results[0]?.memory?.content).toBe(kept);
    const { body } = await client.patch(`/memories/${stored.id}`, { content: said });
    expect(body).toMatchObject({ content: kept });
    expect(readFileSync(join(folder, 'told.txt'), 'utf8')).toBe(kept);
  });

  it('the example recalls no drafts, says how old a result is, and keeps what is tagged so', async () => {
    await client.store({ content: 'the ferry leaves at ten', tags: ['draft'] });
    const { id } = await client.store({ content: 'the ferry leaves at nine', tags: ['keep'] });
    const { memories } = await client.search('when does the ferry leave');
    expect(memories.some(({ tags }) => tags.includes('draft'))).toBe(false);
    expect(memories.find((memory) => memory.id === id)?.annotations).toMatchObject({
      'house-rules': { age_seconds: expect.any(Number) },
    });
    expect(await client.delete(`/memories/${id}`)).toMatchObject({
      status: 422,
      body: { code: 'EXTENSION_REFUSED' },
    });
  });

  it.each(['throw', 'hang', 'rubbish', 'widen'])(
    'a hook that does %s stores nothing, and the service goes on',
    async (tag) => {
      const before = (await client.list()).memories.length;
      expect(await client.post('/memories', { content: 'a', tags: [tag] })).toMatchObject({
        status: 503,
        body: { code: 'EXTENSION_FAILED' },
      });
      expect((await client.list()).memories).toHaveLength(before);
      expect((await client.get('/healthz')).status).toBe(200);
    },
  );

  it('a failed after-hook is in the log and the metrics, without what a client said', async () => {
    const stored = await client.store({ content: 'kept all the same', tags: ['reject'] });
    expect((await client.read(stored.id)).content).toBe('kept all the same');
    const { text } = await metrics();
    expect(text).toContain(
      'soma_extension_failures_total{extension="hostile",hook="afterStore"} 1',
    );
    await eventually(
      () => service.output().includes('"hook":"afterStore"'),
      (isLogged) => isLogged,
    );
    expect(service.output()).not.toContain('canary7c1e');
  });

  it('hooks see consolidation in the background, and refuse it there', async () => {
    const sleeper = await createClient(service.url, OPERATOR);
    const turns = ['Ann moved the launch', 'Ann moved the launch to May'];
    for (const namespace of ['asleep', 'awake']) {
      await sleeper.storeAll(turns.map((content) => ({ content, namespace })));
    }
    const told = join(folder, 'consolidated.txt');
    const ofSleeper = () =>
      (existsSync(told) ? readFileSync(told, 'utf8') : '')
        .split('\n')
        .filter((line) => line.startsWith(sleeper.tenantId));
    await eventually(ofSleeper, ({ length }) => length > 0);
    await sleep(1_500);
    expect(ofSleeper()).toEqual([`${sleeper.tenantId} background awake true`]);
    const nodesIn = async (namespace: string) =>
      (await sleeper.get<HierarchyTree>(`/hierarchy/tree?namespace=${namespace}`)).body.nodes;
    expect(await nodesIn('asleep')).toEqual([]);
    expect(await nodesIn('awake')).not.toEqual([]);
    expect((await sleeper.post('/hierarchy/consolidate', {})).status).toBe(503);
  });

  it.each([
    ['is not there', 'none.mjs', '', 'cannot be loaded'],
    ['has a hook nobody knows', 'bad.mjs', 'hooks: { beforeRead() {} }', '"beforeRead"'],
    ['is of another version', 'bad.mjs', 'api: 9, hooks: { beforeStore() {} }', 'api: must be 1'],
  ])('does not start with a module that %s', async (_what, name, parts, said) => {
    if (parts) {
      writeFileSync(join(folder, name), `export default { name: 'bad', api: 1, ${parts} };`);
    }
    const { code, stderr } = await runToEnd(folder, {
      SOMA_DATA_DIR: join(folder, 'other'),
      SOMA_EXTENSIONS: `./${name}`,
    });
    expect(code).toBe(1);
    expect(stderr).toContain(`SOMA_EXTENSIONS: ./${name}`);
    expect(stderr).toContain(said);
    expect(stderr).not.toContain('    at ');
  });

  const metrics = async () => ({ text: await (await fetch(`${service.url}/metrics`)).text() });
});
