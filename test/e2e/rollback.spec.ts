import type { Memory, Release, Rollback } from '@soma/memory';
import type { DeletionReceipt } from '@soma/deletion';
import type { CreatedToken } from '@soma/tenancy';
import fc from 'fast-check';
import { ALL_SCOPES, type Client, clientOf } from './client.js';
import { ok, problem } from './http.js';
import { type Service, startService } from './service.js';

const EVER = '2020-01-01T00:00:00.000Z';

describe('taking back what one token wrote', () => {
  let service: Service;

  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.close());

  const tokenOf = async (maker: Client, rights: object = {}): Promise<Client> => {
    const path = `/admin/tenants/${maker.tenantId}/tokens`;
    const body = { name: 'n', scopes: ALL_SCOPES, ...rights };
    return clientOf(service.url, await ok(maker.post<CreatedToken>(path, body), 201));
  };
  const pathOf = ({ tenantId }: Client) => `/admin/tenants/${tenantId}/rollback`;
  const request = (by: Client, of: Client, more: object = {}) =>
    ok(
      by.post<Rollback>(pathOf(by), {
        token: of.tokenId,
        since: EVER,
        dry_run: false,
        ...more,
      }),
    );

  describe('of a tenant where two wrote', () => {
    let admin: Client;
    let writer: Client;
    let other: Client;
    let theirs: Client;

    beforeAll(async () => {
      [admin, theirs] = [await service.tenant(), await service.tenant()];
      [writer, other] = [await tokenOf(admin), await tokenOf(admin)];
      await other.store({ coord: '1', content: 'the lamp is green', tags: ['a'], importance: 0.9 });
      await other.store({ coord: '2', content: 'the chair is old' });
      await other.link('1', '2', { link_type: 'beside' });
      await writer.store({ coord: '1', content: 'the lamp is poisoned', trust: 0.4 });
      await writer.store({ coord: '3', content: 'planted', links: [{ to_coord: '2' }] });
      await writer.link('2', '1', { link_type: 'planted' });
      await writer.patch('/memories/1', { expires_at: '2020-01-01T00:00:00Z' });
      await writer.store({ coord: '4', content: 'begun by the writer' });
      await other.store({ coord: '4', content: 'said anew by the other' });
      await writer.store({ coord: '5', content: 'poison', payload: { kept: 'poison' } });
      await other.patch('/memories/5', { tags: ['looked at'] });
    });

    const actions = ({ memories }: Rollback) =>
      Object.fromEntries(
        memories.map(({ coordinate, action, version, reason }) => [
          coordinate,
          [action, version, reason],
        ]),
      );
    const EXPECTED = {
      '1': ['restore', 1, null],
      '3': ['delete', null, null],
      '4': ['keep', null, 'rewritten'],
      '5': ['keep', null, 'mixed'],
    };

    it('is unknown to another tenant, and to whoever does not administer', async () => {
      const body = { token: writer.tokenId, since: EVER, dry_run: false };
      expect(await theirs.post(pathOf(admin), body)).toMatchObject(problem('TENANT_NOT_FOUND'));
      expect(await theirs.post(pathOf(theirs), body)).toMatchObject(problem('TOKEN_NOT_FOUND'));
      const reader = await tokenOf(admin, { scopes: ['memories:read', 'memories:write'] });
      expect(await reader.post(pathOf(admin), body)).toMatchObject(problem('SCOPE_MISSING'));
      const kept = await tokenOf(admin, { namespaces: ['default'] });
      expect(await kept.post(pathOf(admin), body)).toMatchObject(problem('NAMESPACE_FORBIDDEN'));
      expect((await admin.read('3')).content).toBe('planted');
    });

    it('lists and does nothing in a dry run, which is the default', async () => {
      const body = { token: writer.tokenId, since: EVER };
      const listed = await ok(admin.post<Rollback>(pathOf(admin), body));
      expect(listed).toMatchObject({ dry_run: true, links: 2, quarantined: 0, done: true });
      expect(actions(listed)).toEqual(EXPECTED);
      expect((await admin.read('3')).content).toBe('planted');
      // The writer has had the lamp expire, so its links are not seen.
      expect((await admin.neighbors('coord=2')).neighbors).toHaveLength(1);
    });

    it('takes nothing back from before the moment', async () => {
      const since = new Date(Date.now() + 3_600_000).toISOString();
      const done = await request(admin, writer, { since });
      expect(done).toMatchObject({ memories: [], links: 0, done: true });
      expect((await admin.read('3')).content).toBe('planted');
    });

    it('restores, deletes with a receipt, unlinks, and leaves what others said', async () => {
      const done = await request(admin, writer);
      expect(done).toMatchObject({ dry_run: false, links: 2, next_cursor: null, done: true });
      expect(actions(done)).toEqual(EXPECTED);
      const lamp = await admin.read('1');
      expect(lamp).toMatchObject({
        content: 'the lamp is green',
        tags: ['a'],
        importance: 0.9,
        trust: 1,
        expires_at: null,
        version: 4,
        written_by: admin.tokenId,
      });
      expect(await admin.get('/memories/3')).toMatchObject(problem('MEMORY_NOT_FOUND'));
      expect((await admin.read('4')).content).toBe('said anew by the other');
      const { neighbors } = await admin.neighbors('coord=2');
      expect(neighbors.map(({ link }) => link.link_type)).toEqual(['beside']);
      const found = await admin.search('the lamp is poisoned', { min_score: { dense: -1 } });
      expect(found.memories.map(({ content }) => content)).not.toContain('the lamp is poisoned');
      expect((await admin.search('green lamp')).memories[0]?.id).toBe(lamp.id);
      const [receipt] = done.receipt_ids;
      const shown = await ok(admin.get<DeletionReceipt>(`/deletions/${receipt}`));
      expect(shown).toMatchObject({ kind: 'memories', memories: 1 });
    });

    it('has nothing more to do the second time', async () => {
      const again = await request(admin, writer);
      expect(again).toMatchObject({ links: 0, quarantined: 0, receipt_ids: [], done: true });
      expect(actions(again)).toEqual({ '4': EXPECTED['4'], '5': EXPECTED['5'] });
      expect((await admin.read('1')).version).toBe(4);
    });

    it('stands in the audit', async () => {
      const { body } = await admin.get<{ events: { action: string; target: string }[] }>(
        '/admin/audit?limit=200',
      );
      expect(body.events).toContainEqual(
        expect.objectContaining({ action: 'writers.rollback', target: writer.tokenId }),
      );
    });
  });

  it('goes on page by page, from the start again after being cut off', async () => {
    const admin = await service.tenant();
    const writer = await tokenOf(admin);
    await writer.storeAll(Array.from({ length: 12 }, (_, n) => ({ content: `written ${n}` })));
    const kept = await admin.store({ content: 'of somebody else' });
    const first = await request(admin, writer, { limit: 5 });
    expect(first).toMatchObject({ done: false });
    expect(first.memories).toHaveLength(5);
    const foreign = { token: admin.tokenId, since: EVER, cursor: first.next_cursor };
    expect(await admin.post(pathOf(admin), foreign)).toMatchObject(problem('CURSOR_INVALID'));
    const second = await request(admin, writer, { limit: 5, cursor: first.next_cursor });
    expect(second.memories).toHaveLength(5);
    const rest = await request(admin, writer, { limit: 5 });
    expect(rest.memories).toHaveLength(2);
    expect(rest).toMatchObject({ next_cursor: null, done: true });
    expect((await admin.list()).memories.map(({ id }) => id)).toEqual([kept.id]);
  });

  it('reaches what is in quarantine, and what was released from it', async () => {
    const admin = await service.tenant();
    const scopes = ['memories:write'];
    const writer = await tokenOf(admin, { scopes, quarantine: true });
    await admin.store({ coord: '1', content: 'as it was' });
    const released = await writer.store({ coord: '1', content: 'let through by mistake' });
    const waiting = await writer.store({ coord: '2', content: 'still waiting' });
    const quarantine = `/admin/tenants/${admin.tenantId}/quarantine`;
    await ok(admin.post<Release>(`${quarantine}/release`, { ids: [released.id] }));
    const dry = await request(admin, writer, { dry_run: true });
    expect(dry).toMatchObject({ quarantined: 1, memories: [{ action: 'restore', version: 1 }] });
    expect(await request(admin, writer)).toMatchObject({ quarantined: 1, done: true });
    expect(await admin.read('1')).toMatchObject({ content: 'as it was', version: 3 });
    expect(await ok(admin.get(quarantine))).toEqual({ writes: [], next_cursor: null });
    expect(await admin.get(`/memories/${waiting.id}`)).toMatchObject(problem('MEMORY_NOT_FOUND'));
  });

  describe('whatever the order in which two wrote', () => {
    interface Write {
      readonly who: 0 | 1;
      readonly kind: 'store' | 'patch';
      readonly place: number;
      readonly text: string;
    }
    interface Linking {
      readonly who: 0 | 1;
      readonly kind: 'link';
      readonly place: number;
      readonly to: number;
    }
    type Step = Write | Linking;
    const place = fc.nat(3);
    const step: fc.Arbitrary<Step> = fc.oneof(
      fc.record<Write>({
        who: fc.constantFrom<0 | 1>(0, 1),
        kind: fc.constantFrom<'store' | 'patch'>('store', 'patch'),
        place,
        text: fc.constantFrom('north', 'south', 'east', 'west'),
      }),
      fc.record<Linking>({
        who: fc.constantFrom<0 | 1>(0, 1),
        kind: fc.constant('link'),
        place,
        to: place,
      }),
    );

    const carryOut = async (by: Client, made: Step): Promise<void> => {
      const coord = String(made.place);
      if (made.kind === 'link') {
        const link = { from_coord: coord, to_coord: String(made.to), link_type: 'w' };
        await by.post('/graph/link', link);
      } else if (made.kind === 'store') await by.store({ coord, content: made.text });
      else await by.patch(`/memories/${coord}`, { importance: made.text.length / 10 });
    };
    const pictureOf = async (by: Client) => {
      const { memories } = await by.list('limit=200');
      const links = await Promise.all(
        memories.map(async ({ coordinate }) => {
          const { neighbors } = await by.neighbors(`coord=${coordinate}&direction=out`);
          return neighbors.map(({ memory }) => `${coordinate}>${memory.coordinate}`);
        }),
      );
      return {
        memories: new Map(
          memories.map(({ coordinate, content, importance }: Memory) => [
            coordinate,
            { content, importance },
          ]),
        ),
        links: new Set(links.flat()),
      };
    };

    it('leaves what the other alone would have left, where they did not touch the same', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
          const [both, alone] = [await service.tenant(), await service.tenant()];
          const writers = [await tokenOf(both), await tokenOf(both)] as const;
          const bystander = await tokenOf(alone);
          for (const made of steps) {
            await carryOut(writers[made.who], made);
            if (made.who === 0) await carryOut(bystander, made);
          }
          expect((await request(both, writers[1])).done).toBe(true);
          const [left, expected] = [await pictureOf(both), await pictureOf(alone)];

          const touched = (who: 0 | 1) =>
            new Set(
              steps.flatMap((made) =>
                made.who === who && made.kind !== 'link' ? [String(made.place)] : [],
              ),
            );
          const [byFirst, bySecond] = [touched(0), touched(1)];
          for (const coordinate of ['0', '1', '2', '3']) {
            if (byFirst.has(coordinate) && bySecond.has(coordinate)) continue;
            expect([coordinate, left.memories.get(coordinate)]).toEqual([
              coordinate,
              expected.memories.get(coordinate),
            ]);
          }
          const apart = (link: string) => link.split('>').every((end) => !bySecond.has(end));
          const linkedBySecond = new Set(
            steps.flatMap((made) =>
              made.who === 1 && made.kind === 'link' ? [`${made.place}>${made.to}`] : [],
            ),
          );
          const comparable = (links: ReadonlySet<string>) =>
            [...links].filter((link) => apart(link) && !linkedBySecond.has(link)).sort();
          expect(comparable(left.links)).toEqual(comparable(expected.links));
        }),
        { numRuns: 15, endOnFailure: true },
      );
    });
  });
});
