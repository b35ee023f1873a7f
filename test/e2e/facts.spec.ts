import type { Consolidated, HierarchyTree, Summary } from '@soma/consolidation';
import type { Memory, MemoryPage, QuarantineList, Release, Rollback } from '@soma/memory';
import type { SearchResponse } from '@soma/search';
import type { CreatedToken } from '@soma/tenancy';
import { ALL_SCOPES, type Client, clientOf } from './client.js';
import { forgettingOf } from './forgetting/requests.js';
import { ok, problem } from './http.js';
import { OPERATOR_TOKEN, type Service, startService } from './service.js';

const OLD = 'Ada works for Babbage.';
const NEW = 'Ada works for Lovelace Ltd.';
const QUERY = 'Where does Ada work?';
const AT_OLD = { valid_at: '2022-06-01T00:00:00Z' };
const PRUNE = { prune: { below: 0.1 }, every_hours: null };

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));

/** The present moment, with nothing known of it before or after. */
async function thisMoment(): Promise<string> {
  await pause();
  const now = new Date().toISOString();
  await pause();
  return now;
}

describe('facts, whichever way they come and go', () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;

  beforeAll(async () => {
    service = await startService();
  });
  beforeEach(async () => {
    [ours, theirs] = [await service.tenant(), await service.tenant()];
  });
  afterAll(() => service.close());

  const contents = ({ memories }: { memories: { content: string }[] }): string[] =>
    memories.map(({ content }) => content).sort();
  const search = async (client: Client, more: object = {}): Promise<string[]> =>
    contents(await ok(client.post<SearchResponse>('/memories/search', { query: QUERY, ...more })));
  const slot = 'ada.employer';
  const old = (more: object = {}) => ({
    content: OLD,
    slot,
    valid_from: '2020-01-01T00:00:00Z',
    coord: '1',
    ...more,
  });
  const newer = (more: object = {}) => ({
    content: NEW,
    slot,
    valid_from: '2024-01-01T00:00:00Z',
    coord: '2',
    ...more,
  });
  const tokenOf = async (maker: Client, rights: object): Promise<Client> => {
    const path = `/admin/tenants/${maker.tenantId}/tokens`;
    const body = { name: 'n', scopes: ALL_SCOPES, ...rights };
    return clientOf(service.url, await ok(maker.post<CreatedToken>(path, body), 201));
  };
  const expectInForce = async (expected: string[]) => {
    expect(contents(await ours.list())).toEqual(expected);
    expect(await search(ours)).toEqual(expected);
  };

  describe('the archive', () => {
    it('P24 takes facts from the oldest on, so that none returns by it', async () => {
      const sut = forgettingOf(service, ours);
      await sut.setPolicy(PRUNE);
      const faint = { importance: 0.05 };
      const [first, second] = [await ours.store(old(faint)), await ours.store(newer(faint))];
      const said = await sut.run({ dry_run: true });
      expect(said.map(({ id }) => id)).toEqual([first.id]);
      const run = async () => (await sut.run({ dry_run: false })).map(({ id }) => id);
      expect(await run()).toEqual([first.id]);
      await expectInForce([NEW]);
      expect(await run()).toEqual([second.id]);
      await expectInForce([]);
    });

    it('P29 brings a fact back to where it stood among those of its slot', async () => {
      const sut = forgettingOf(service, ours);
      await sut.setPolicy(PRUNE);
      const first = await ours.store(old({ importance: 0.05 }));
      const then = await thisMoment();
      await sut.run({ dry_run: false });
      await expectInForce([]);
      expect(await search(ours, { known_at: then })).toEqual([]);
      const second = await ours.store(newer());
      const foreign = forgettingOf(service, theirs);
      expect((await foreign.restore(first.id)).status).toBe(404);
      await ok(sut.restore<object>(first.id));
      await expectInForce([NEW]);
      expect(await ours.read(first.id)).toMatchObject({
        superseded_by: second.id,
        valid_to: second.valid_from,
      });
      expect(await search(ours, AT_OLD)).toEqual([OLD]);
      expect(await search(ours, { known_at: then })).toEqual([OLD]);
      expect((await ours.delete(`/memories/${second.id}`)).status).toBe(204);
      await expectInForce([OLD]);
    });

    it('P26 evicts no fact in force while there is an older one', async () => {
      const path = `/admin/tenants/${ours.tenantId}/quotas`;
      const body = { memories: 3, policy: 'evict' };
      await ok(service.request('PUT', path, { token: OPERATOR_TOKEN, body }));
      await ours.store(old({ importance: 0.9 }));
      await ours.store(newer({ importance: 0.1 }));
      await ours.store({ content: 'tea', importance: 0.5 });
      await ours.store({ content: 'milk', importance: 0.6 });
      await expectInForce([NEW, 'milk']);
    });
  });

  describe('trust', () => {
    const quarantine = () => `/admin/tenants/${ours.tenantId}/quarantine`;

    it('P29 supersedes nothing by a fact in quarantine, until it is released', async () => {
      const first = await ours.store(old());
      const scopes = ['memories:read', 'memories:write'];
      const kept = await tokenOf(ours, { scopes, quarantine: true });
      const claimed = await kept.store(newer());
      expect(claimed).toMatchObject({ quarantined: true, slot, superseded_by: null });
      expect(claimed.valid_from).toBe('2024-01-01T00:00:00.000Z');
      const then = await thisMoment();
      await expectInForce([OLD]);
      expect(await search(ours, { valid_at: '2025-01-01T00:00:00Z' })).toEqual([OLD]);
      const { writes } = await ok(ours.get<QuarantineList>(quarantine()));
      expect(writes).toMatchObject([{ memory: { slot, valid_from: '2024-01-01T00:00:00.000Z' } }]);

      await ok(ours.post<Release>(`${quarantine()}/release`, { ids: [claimed.id] }));
      await expectInForce([NEW]);
      expect(await ours.read(first.id)).toMatchObject({ superseded_by: claimed.id });
      expect(await search(ours, { known_at: then })).toEqual([OLD]);
      expect(await search(theirs, { known_at: then })).toEqual([]);
    });

    it('P29 has the older fact in force again when its successor is rolled back', async () => {
      const writer = await tokenOf(ours, {});
      await ours.store(old());
      await writer.store(newer());
      await writer.patch('/memories/1', { slot: null });
      await ours.store({ coord: '7', content: 'Ada lives in London.', slot: 'ada.home' });
      await writer.store({ coord: '7', content: 'Ada lives nowhere.', slot });
      const back = await ok(
        ours.post<Rollback>(`/admin/tenants/${ours.tenantId}/rollback`, {
          token: writer.tokenId,
          since: '2020-01-01T00:00:00Z',
          dry_run: false,
        }),
      );
      expect(back.memories).toHaveLength(3);
      await expectInForce(['Ada lives in London.', OLD]);
      expect(await ours.read('1')).toMatchObject({
        slot,
        valid_from: '2020-01-01T00:00:00.000Z',
        valid_to: null,
        superseded_by: null,
      });
    });

    it('P29 supersedes again when a version that did is restored', async () => {
      await ours.store(old());
      const second = await ours.store(newer());
      await ok(ours.patch<Memory>('/memories/2', { slot: null }));
      await expectInForce([OLD, NEW]);
      expect((await theirs.post('/memories/2/versions/1/restore')).status).toBe(404);
      await ok(ours.post<Memory>('/memories/2/versions/1/restore'));
      await expectInForce([NEW]);
      expect(await ours.read('1')).toMatchObject({ superseded_by: second.id });
    });
  });

  describe('the hierarchy', () => {
    const turn = (at: number, more: object = {}) => ({
      coord: `${at},0`,
      content: `Ada and Charles spoke of work and of engines, turn ${at}.`,
      occurred_at: `2026-01-05T09:0${at}:00Z`,
      ...more,
    });
    const consolidate = async (client: Client) =>
      expect((await ok(client.post<Consolidated>('/hierarchy/consolidate', {}))).done).toBe(true);
    const treeOf = (client: Client) => ok(client.get<HierarchyTree>('/hierarchy/tree?depth=12'));
    const standsOn = async (client: Client, id: string): Promise<boolean> =>
      (await treeOf(client)).nodes.some(({ sources }) => sources.includes(id));
    const digests = async (client: Client): Promise<string> =>
      (await treeOf(client)).nodes
        .filter(({ memory }) => memory.tier > 0)
        .map(({ memory }) => memory.content)
        .join(' ');

    it('stands on the facts in force, and is drawn anew when they change', async () => {
      const times = { occurred_at: '2026-01-05T09:05:00Z' };
      for (const client of [ours, theirs]) {
        for (const at of [1, 2, 3, 4]) await client.store(turn(at));
      }
      const first = await ours.store(old(times));
      const foreign = await theirs.store(old(times));
      await consolidate(ours);
      await consolidate(theirs);
      expect(await standsOn(ours, first.id)).toBe(true);

      const second = await ours.store(newer({ occurred_at: '2026-01-05T09:06:00Z' }));
      expect(await standsOn(ours, first.id)).toBe(false);
      expect(await digests(ours)).not.toContain(OLD);
      await consolidate(ours);
      expect(await standsOn(ours, first.id)).toBe(false);
      expect(await standsOn(ours, second.id)).toBe(true);
      expect(await digests(ours)).not.toContain(OLD);
      expect(await standsOn(theirs, foreign.id)).toBe(true);

      expect((await ours.delete('/memories/2')).status).toBe(204);
      await consolidate(ours);
      expect(await standsOn(ours, first.id)).toBe(true);
      expect(await digests(ours)).not.toContain(NEW);
    });

    it('summarises the facts in force alone', async () => {
      const first = await ours.store(old());
      const second = await ours.store(newer());
      for (const asked of [
        { ids: [first.id, second.id] },
        { filter: { importance: { gte: 0 } } },
      ]) {
        const made = await ok(ours.post<Summary>('/hierarchy/summarize', asked));
        expect(made.memory_ids).toEqual([second.id]);
      }
      const alone = await ours.post('/hierarchy/summarize', { ids: [first.id] });
      expect(alone).toMatchObject(problem('MEMORY_NOT_FOUND'));
      const foreign = await theirs.post('/hierarchy/summarize', { ids: [second.id] });
      expect(foreign).toMatchObject(problem('MEMORY_NOT_FOUND'));
    });

    it('is not known of then: a search of the past finds what was stored, once', async () => {
      for (const at of [1, 2, 3, 4]) await ours.store(turn(at));
      await ours.store(old({ memory_type: 'semantic' }));
      await consolidate(ours);
      const then = await thisMoment();
      const asked = { memory_type: 'semantic', recipe: 'dense', top_k: 50 };
      expect((await search(ours, asked)).length).toBeGreaterThan(1);
      expect(await search(ours, { ...asked, known_at: then })).toEqual([OLD]);
      const page = await ok(
        ours.get<MemoryPage>(`/memories?memory_type=semantic&known_at=${then}`),
      );
      expect(contents(page)).toEqual([OLD]);
    });
  });

  it('refuses to restore to the place of another fact, and leaves all as it was', async () => {
    const sut = forgettingOf(service, ours);
    await sut.setPolicy(PRUNE);
    const first = await ours.store(old({ importance: 0.05 }));
    await sut.run({ dry_run: false });
    await ours.store(newer({ coord: '1' }));
    expect(await sut.restore(first.id)).toMatchObject(problem('COORDINATE_TAKEN'));
    await expectInForce([NEW]);
  });
});
