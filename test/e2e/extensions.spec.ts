import { setTimeout as sleep } from 'node:timers/promises';
import type { Extension, Hooks } from '@soma/extensions';
import type { BulkResult, Memory } from '@soma/memory';
import { Metrics } from '@soma/observability';
import type { ContextResponse, SearchBatchResult } from '@soma/search';
import type { CreatedToken } from '@soma/tenancy';
import { type Client, clientOf } from './client.js';
import { eventually } from './eventually.js';
import { ok } from './http.js';
import { type Service, startService } from './service.js';

/** Hooks here ask the service itself, which may be slow; one that hangs is waited for as long. */
const TIMEOUT_MS = 2_000;
/** What a busy machine takes besides. */
const SLACK_MS = 10_000;
const UPPER = /^[^a-z]*$/;

describe('P37 hooks around what clients ask for', () => {
  const hooks: Hooks = { afterStore: () => {} };
  const extension: Extension = { name: 'probe', api: 1, hooks };
  let service: Service;
  let ours: Client;
  let theirs: Client;

  beforeAll(async () => {
    service = await startService({ SOMA_EXTENSION_TIMEOUT_MS: String(TIMEOUT_MS) }, [extension]);
  });
  afterAll(() => service.close());
  beforeEach(async () => {
    for (const name of Object.keys(hooks)) delete hooks[name as keyof Hooks];
    [ours, theirs] = [await service.tenant(), await service.tenant()];
  });

  const failures = async (hook: string): Promise<number> => {
    const { values } = await service.provided(Metrics).extensionFailures.get();
    return values.find(({ labels }) => labels['hook'] === hook)?.value ?? 0;
  };
  const until = (done: () => boolean): Promise<boolean> => eventually(done, (isDone) => isDone);
  const shouting: Hooks['beforeStore'] = (_scope, draft) =>
    draft.kind === 'store'
      ? { memory: { ...draft.memory, content: draft.memory.content?.toUpperCase() } }
      : { changes: { ...draft.changes, content: draft.changes.content?.toUpperCase() } };

  describe('beforeStore', () => {
    it('refuses with its reason, and nothing is stored', async () => {
      hooks.beforeStore = () => ({ refuse: 'Not today.' });
      expect(await ours.post('/memories', { content: 'a' })).toMatchObject({
        status: 422,
        body: { code: 'EXTENSION_REFUSED', detail: 'Not today. (extension "probe")' },
      });
      expect((await ours.list()).memories).toEqual([]);
    });

    it('changes what is stored, on every road by which a client sends something', async () => {
      hooks.beforeStore = shouting;
      const stored = await ours.store({ content: 'the shop opens at nine' });
      expect(stored.content).toBe('THE SHOP OPENS AT NINE');
      const { results } = await ours.storeAll([{ content: 'in bulk' }]);
      expect(results[0]?.memory?.content).toBe('IN BULK');
      const patched = await ok<Memory>(
        ours.patch(`/memories/${stored.id}`, { content: 'changed' }),
      );
      expect(patched.content).toBe('CHANGED');
      const said = { expected: 'nine', outcome: 'it opened at ten' };
      const { correction } = await ok<{ correction: Memory }>(
        ours.post(`/memories/${stored.id}/feedback`, said),
      );
      expect(correction.content).toMatch(UPPER);
      expect((await ours.search('CHANGED')).memories.map(({ content }) => content)).toContain(
        'CHANGED',
      );
    });

    it('refuses one item of a bulk alone, at its place', async () => {
      hooks.beforeStore = (_scope, draft) =>
        draft.kind === 'store' && draft.memory.tags.includes('no') ? { refuse: 'No.' } : undefined;
      const memories = [
        { content: 'a', tags: ['no'] },
        { content: 'b' },
        { bad: 1 },
        { content: 'd' },
      ];
      const answer = await ok<BulkResult>(ours.post('/memories/bulk', { memories }));
      expect(answer).toMatchObject({ stored: 2, failed: 2 });
      expect(
        answer.results.map(({ index, status, error }) => [index, status, error?.code]),
      ).toEqual([
        [0, 422, 'EXTENSION_REFUSED'],
        [1, 201, undefined],
        [2, 400, 'VALIDATION_FAILED'],
        [3, 201, undefined],
      ]);
      expect(answer.results.map(({ memory }) => memory?.content)).toEqual([
        undefined,
        'b',
        undefined,
        'd',
      ]);
    });

    it.each<[string, Record<string, unknown>]>([
      ['is not valid', { importance: 2 }],
      ['has a field nobody knows', { tenant_id: 'theirs' }],
      ['is in another namespace', { namespace: 'theirs' }],
      ['is at another coordinate', { coord: '9,9' }],
      ['has a text that cannot be stored', { payload: { text: '\0' } }],
    ])('stores nothing of a memory that %s', async (_what, changed) => {
      hooks.beforeStore = (_scope, draft) =>
        draft.kind === 'store' ? { memory: { ...draft.memory, ...changed } } : undefined;
      const refused = { status: 503, body: { code: 'EXTENSION_FAILED' } };
      expect(await ours.post('/memories', { content: 'a' })).toMatchObject(refused);
      expect(await ours.post('/memories/bulk', { memories: [{ content: 'a' }] })).toMatchObject(
        refused,
      );
      expect((await ours.list()).memories).toEqual([]);
      expect((await theirs.list('namespace=theirs')).memories).toEqual([]);
    });

    it('stores nothing while a hook throws or hangs, and waits no longer than its time', async () => {
      hooks.beforeStore = () => new Promise(() => {});
      const started = Date.now();
      expect(await ours.post('/memories', { content: 'a' })).toMatchObject({
        status: 503,
        body: { code: 'EXTENSION_FAILED' },
      });
      expect(Date.now() - started).toBeLessThan(TIMEOUT_MS + SLACK_MS);
      hooks.beforeStore = () => {
        throw new Error('canary-secret');
      };
      const { body } = await ours.post<{ detail: string }>('/memories', { content: 'a' });
      expect(body.detail).not.toContain('canary-secret');
      expect((await ours.list()).memories).toEqual([]);
      expect(await failures('beforeStore')).toBeGreaterThanOrEqual(2);
    });

    it('gives no memory more trust than its token has, nor shows the hook what is not its own', async () => {
      const path = `/admin/tenants/${ours.tenantId}/tokens`;
      const body = { name: 'kept', scopes: ['memories:write'], namespaces: ['mine'], trust: 0.5 };
      const kept = clientOf(service.url, await ok<CreatedToken>(ours.post(path, body), 201));
      let asked = 0;
      hooks.beforeStore = (_scope, draft) => {
        asked += 1;
        return draft.kind === 'store' ? { memory: { ...draft.memory, trust: 1 } } : undefined;
      };
      expect(await kept.post('/memories', { content: 'a', namespace: 'mine' })).toMatchObject({
        status: 403,
        body: { code: 'TOKEN_RIGHTS_EXCEEDED' },
      });
      expect(asked).toBe(1);
      expect((await kept.post('/memories', { content: 'a', namespace: 'other' })).status).toBe(403);
      const items = { memories: [{ content: 'a', namespace: 'other' }] };
      expect(await kept.post('/memories/bulk', items)).toMatchObject({ body: { failed: 1 } });
      expect(asked).toBe(1);
    });

    it('is not asked of the memory of another tenant, which is not there', async () => {
      const { id } = await theirs.store({ content: 'theirs' });
      let asked = 0;
      hooks.beforeStore = hooks.beforeDelete = () => void (asked += 1);
      expect((await ours.patch(`/memories/${id}`, { content: 'ours' })).status).toBe(404);
      expect((await ours.delete(`/memories/${id}`)).status).toBe(404);
      expect(asked).toBe(0);
      expect((await theirs.read(id)).content).toBe('theirs');
    });
  });

  describe('afterStore', () => {
    it('is told of what is committed, with the scope of its tenant, on every road', async () => {
      const told: string[] = [];
      hooks.afterStore = async (scope, { memories }) => {
        for (const { id, content } of memories) {
          expect(scope.tenantId).toBe(ours.tenantId);
          told.push((await ours.read(id)).content === content ? content : 'not committed');
        }
      };
      const { id } = await ours.store({ content: 'one' });
      await ours.storeAll([{ content: 'two' }, { bad: 1 }]);
      await ours.patch(`/memories/${id}`, { content: 'three' });
      await until(() => told.length === 3);
      expect(told.sort()).toEqual(['one', 'three', 'two']);
      expect((await ours.post('/memories', { content: '' })).status).toBe(400);
      await sleep(50);
      expect(told).toHaveLength(3);
    });

    it('changes no answer and loses no write when it throws or hangs; it is counted', async () => {
      const earlier = await failures('afterStore');
      hooks.afterStore = () => Promise.reject(new Error('no'));
      const { id } = await ours.store({ content: 'kept' });
      hooks.afterStore = () => new Promise(() => {});
      const started = Date.now();
      await ours.store({ content: 'kept too' });
      expect(Date.now() - started).toBeLessThan(TIMEOUT_MS + SLACK_MS);
      expect((await ours.read(id)).content).toBe('kept');
      await eventually(
        () => failures('afterStore'),
        (failed) => failed - earlier >= 2,
      );
      expect((await failures('afterStore')) - earlier).toBe(2);
    });
  });

  describe('recall', () => {
    beforeEach(async () => {
      for (const client of [ours, theirs]) {
        await client.storeAll([
          { content: 'the harbour ferry leaves at nine', tags: ['public'] },
          { content: 'the harbour ferry leaves at ten', tags: ['draft'] },
        ]);
      }
    });
    const query = 'when does the harbour ferry leave';
    const found = async (options = {}) =>
      (await ours.search(query, options)).memories.map(({ tags }) => tags[0]).sort();

    it('narrows searches, alone, in batches and for contexts', async () => {
      expect(await found()).toEqual(['draft', 'public']);
      hooks.beforeRecall = () => ({ filter: { tags: 'public' } });
      expect(await found()).toEqual(['public']);
      const batch = await ok<SearchBatchResult>(
        ours.post('/memories/search/batch', { searches: [{ query }] }),
      );
      expect(batch.results[0]?.answer?.memories).toHaveLength(1);
      const packed = await ok<ContextResponse>(
        ours.post('/memories/context', { query, max_tokens: 200 }),
      );
      expect(packed.text).toContain('at nine');
      expect(packed.text).not.toContain('at ten');
    });

    it('never widens: what passes both filters passes the client’s', async () => {
      hooks.beforeRecall = () => ({ filter: { or: [{ tags: 'draft' }, { tags: 'public' }] } });
      expect(await found({ filter: { tags: 'public' } })).toEqual(['public']);
    });

    it.each<[string, unknown]>([
      ['names a tenant', { filter: { tenant_id: 'theirs' } }],
      ['names another namespace', { namespace: 'theirs' }],
      ['asks for more', { filter: { tags: 'public' }, top_k: 1_000 }],
      ['is no filter', { filter: { tags: { like: 1 } } }],
    ])('answers nothing when a hook %s', async (_what, ruling) => {
      hooks.beforeRecall = () => ruling as { filter: unknown };
      expect(await ours.post('/memories/search', { query })).toMatchObject({
        status: 503,
        body: { code: 'EXTENSION_FAILED' },
      });
    });

    it('refuses a recall', async () => {
      hooks.beforeRecall = () => ({ refuse: 'Ask tomorrow.' });
      expect((await ours.post('/memories/search', { query })).status).toBe(422);
    });

    it('drops and annotates results, and counts the tokens of what is left', async () => {
      const whole = await ours.search(query, { max_tokens: 100 });
      hooks.afterRecall = (_scope, { memories }) => {
        const keep = memories.filter(({ tags }) => tags.includes('public')).map(({ id }) => id);
        return { keep, annotations: { [keep[0] ?? '']: { fresh: true } } };
      };
      const { memories, tokens = 0 } = await ours.search(query, { max_tokens: 100 });
      expect(memories.map(({ tags, annotations }) => [tags[0], annotations])).toEqual([
        ['public', { probe: { fresh: true } }],
      ]);
      expect(tokens).toBe((whole.tokens ?? 0) / 2);
    });

    it('adds nothing, least of all of another tenant: such a review counts as failed', async () => {
      const earlier = await failures('afterRecall');
      const [foreign] = (await theirs.search(query)).memories;
      const id = foreign?.id ?? '';
      const plain = (await ours.search(query)).memories;
      hooks.afterRecall = (_scope, { memories }) => ({
        keep: [...memories.map((memory) => memory.id), id],
      });
      expect((await ours.search(query)).memories).toEqual(plain);
      hooks.afterRecall = () => ({ annotations: { [id]: { theirs: true } } });
      expect((await ours.search(query)).memories).toEqual(plain);
      hooks.afterRecall = () => new Promise(() => {});
      expect((await ours.search(query)).memories).toEqual(plain);
      expect((await failures('afterRecall')) - earlier).toBe(3);
    });
  });

  describe('delete', () => {
    it('refuses deletions of one, by ids, by filter and of a namespace; a dry run asks nobody', async () => {
      const { id } = await ours.store({ content: 'kept', tags: ['keep'] });
      hooks.beforeDelete = () => ({ refuse: 'Kept.' });
      const refused = { status: 422, body: { code: 'EXTENSION_REFUSED' } };
      const filter = { tags: 'keep' };
      expect(await ours.delete(`/memories/${id}`)).toMatchObject(refused);
      for (const target of [{ ids: [id] }, { filter }]) {
        const body = { ...target, dry_run: false };
        expect(await ours.post('/memories/delete', body)).toMatchObject(refused);
      }
      expect(await ours.delete('/namespaces/default')).toMatchObject(refused);
      expect((await ours.post('/memories/delete', { filter })).status).toBe(200);
      expect((await ours.read(id)).content).toBe('kept');
    });

    it('is told of deletions once they are committed, and of no other tenant’s', async () => {
      const told: unknown[] = [];
      hooks.afterDelete = (scope, { kind, ids }) => void told.push([scope.tenantId, kind, ids]);
      const [one, two] = [
        await ours.store({ content: 'one' }),
        await ours.store({ content: 'two' }),
      ];
      await ours.delete(`/memories/${one.id}`);
      await ours.deleteBy({ ids: [two.id] });
      await ours.deleteBy({ ids: [two.id] });
      expect((await theirs.delete(`/memories/${one.id}`)).status).toBe(404);
      await until(() => told.length === 2);
      expect(told).toEqual([
        [ours.tenantId, 'memory', [one.id]],
        [ours.tenantId, 'memories', [two.id]],
      ]);
    });
  });

  describe('consolidate', () => {
    it('refuses it, or is told of the nodes that it made', async () => {
      await ours.storeAll([
        { content: 'Ann moved the launch' },
        { content: 'Ann moved the launch to May' },
      ]);
      hooks.beforeConsolidate = () => ({ refuse: 'At night.' });
      expect((await ours.post('/hierarchy/consolidate', {})).status).toBe(422);
      delete hooks.beforeConsolidate;
      const told: unknown[] = [];
      hooks.afterConsolidate = (scope, outcome) => void told.push([scope.tenantId, outcome]);
      const { created, removed } = await ok<{ created: number; removed: number }>(
        ours.post('/hierarchy/consolidate', {}),
      );
      await until(() => told.length === 1);
      expect(told[0]).toMatchObject([ours.tenantId, { by: 'request', created, removed }]);
      expect(created).toBeGreaterThan(0);
    });
  });
});
