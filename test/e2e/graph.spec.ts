import { ok, problem } from './http.js';
import { type Client, type Service, startService } from './service.js';

const NOT_FOUND = problem('MEMORY_NOT_FOUND');
const INVALID = problem('VALIDATION_FAILED');
const NO_ID = '01890000-0000-7000-8000-000000000000';

describe('the graph of memories', () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;

  beforeAll(async () => {
    service = await startService();
    theirs = await service.tenant();
    await theirs.storeAll(
      ['1', '2', '99'].map((coord) => ({ coord, content: `foreign ${coord}` })),
    );
    await theirs.link('1', '2', { link_type: 'secret' });
  });
  beforeEach(async () => {
    ours = await service.tenant();
    const coords = Array.from({ length: 12 }, (_, n) => `${n}`);
    await ours.storeAll(coords.map((coord) => ({ coord, content: `memory ${coord}` })));
  });
  afterAll(() => service.close());

  /** Links given as "1>2", with a strength as "1>2:0.5". */
  const linkAll = async (...edges: string[]): Promise<void> => {
    for (const edge of edges) {
      const [from = '', to = '', strength = '1'] = edge.split(/[>:]/);
      await ours.link(from, to, { strength: Number(strength) });
    }
  };
  const around = async (query: string) =>
    (await ours.neighbors(query)).neighbors.map(
      ({ memory, depth }) => `${memory.coordinate}@${depth}`,
    );
  const way = async (query: string) =>
    (await ours.path(query)).memories.map(({ coordinate }) => coordinate).join('>');

  describe('linking', () => {
    it('P9 links two memories with type, strength and metadata', async () => {
      const metadata = { why: 'said so', weight: [1, null] };
      const link = await ours.link('1.0', '2', { link_type: 'causes', strength: 0.25, metadata });
      expect(link).toMatchObject({
        from_coord: '1',
        to_coord: '2',
        link_type: 'causes',
        strength: 0.25,
        metadata,
      });
      const ends = { from_id: link.from_id, to_id: link.to_id };
      const byId = await ok(ours.post('/graph/link', ends), 201);
      expect(byId).toMatchObject({ ...ends, link_type: 'related', strength: 1, metadata: {} });
      expect((await ours.stats()).links).toEqual({ total: 2, by_type: { causes: 1, related: 1 } });
    });

    it('P9 links no memory of another tenant, by coordinate or id', async () => {
      const foreign = await theirs.read('99');
      const own = await ours.read('1');
      const before = [await ours.settledStats(), await theirs.settledStats()];
      for (const ends of [
        { from_coord: '1', to_coord: '99' },
        { from_coord: '99', to_coord: '1' },
        { from_id: own.id, to_id: foreign.id },
        { from_id: foreign.id, to_id: own.id },
        { from_coord: '1', to_id: foreign.id },
        { from_coord: '1', to_id: NO_ID },
      ]) {
        expect(await ours.post('/graph/link', ends)).toMatchObject(NOT_FOUND);
        expect(await ours.delete('/graph/link', ends)).toMatchObject(NOT_FOUND);
      }
      expect([await ours.settledStats(), await theirs.settledStats()]).toEqual(before);
    });

    it('changes the link of the same ends and type instead of making a second', async () => {
      const first = await ours.link('1', '2', { strength: 0.5, metadata: { a: 1 } });
      const second = await ours.link('1', '2', { strength: 0.75 });
      expect(second).toMatchObject({ id: first.id, strength: 0.75, metadata: {} });
      expect(second.created_at).toBe(first.created_at);
      await ours.link('2', '1');
      expect((await ours.stats()).links.total).toBe(2);
    });

    it('links a memory to itself, which makes it no neighbour of itself', async () => {
      expect(await ours.link('1', '1')).toMatchObject({ from_coord: '1', to_coord: '1' });
      await ours.link('1', '2');
      expect(await around('coord=1&depth=3')).toEqual(['2@1']);
    });

    it('finds memories by coordinate in one namespace', async () => {
      await ours.storeAll(['1', '2'].map((coord) => ({ coord, namespace: 'b', content: coord })));
      const link = await ours.link('1', '2', { namespace: 'b' });
      expect(link.from_id).not.toBe((await ours.read('1')).id);
      expect(await around('coord=1')).toEqual([]);
      expect(await around('coord=1&namespace=b')).toEqual(['2@1']);
      expect((await ours.stats('namespace=b')).links.total).toBe(1);
    });

    it('makes one link of twenty requests at once', async () => {
      await Promise.all(
        Array.from({ length: 20 }, (_, n) => ours.link('1', '2', { strength: n / 20 })),
      );
      expect((await ours.stats()).links.total).toBe(1);
    });

    it('refuses what names no two ends, or is no strength', async () => {
      const id = (await ours.read('1')).id;
      for (const body of [
        {},
        { from_coord: '1' },
        { from_coord: '1', from_id: id, to_coord: '2' },
        { from_coord: '1', to_coord: '2', strength: 1.01 },
        { from_coord: '1', to_coord: '2', strength: -0.1 },
        { from_coord: '1', to_coord: '2', link_type: '' },
        { from_coord: '1', to_coord: '2', link_type: 'x'.repeat(101) },
        { from_coord: '1', to_coord: '2', tenant_id: theirs.tenantId },
        { from_id: 'x', to_coord: '2' },
      ]) {
        expect(await ours.post('/graph/link', body)).toMatchObject(INVALID);
      }
      expect((await ours.stats()).links.total).toBe(0);
    });
  });

  describe('unlinking', () => {
    it('removes links of one type, or of all, in one direction', async () => {
      await linkAll('1>2', '2>1');
      await ours.link('1', '2', { link_type: 'causes' });
      await ours.link('1', '2', { link_type: 'cites' });
      const unlink = (body: object) => ours.delete('/graph/link', body);
      const ends = { from_coord: '1', to_coord: '2' };
      expect(await ok(unlink({ ...ends, link_type: 'causes' }))).toEqual({ deleted: 1 });
      expect(await unlink({ ...ends, link_type: 'causes' })).toMatchObject(
        problem('LINK_NOT_FOUND'),
      );
      expect(await ok(unlink(ends))).toEqual({ deleted: 2 });
      expect(await unlink(ends)).toMatchObject(problem('LINK_NOT_FOUND'));
      expect((await ours.stats()).links.total).toBe(1);
    });

    it('leaves the links of another tenant', async () => {
      await linkAll('1>2');
      await ok(ours.delete('/graph/link', { from_coord: '1', to_coord: '2' }));
      expect((await theirs.neighbors('coord=1')).neighbors).toHaveLength(1);
    });

    it('happens when an end is deleted', async () => {
      await linkAll('1>2', '3>1', '2>3');
      await ours.delete('/memories/1');
      expect((await ours.stats()).links.total).toBe(1);
      expect(await around('coord=2')).toEqual(['3@1']);
      expect(await ours.get('/graph/neighbors?coord=1')).toMatchObject(NOT_FOUND);
      await ours.store({ coord: '1', content: 'again' });
      expect(await around('coord=1')).toEqual([]);
    });
  });

  describe('neighbours', () => {
    it('P10 are given nearest first, then strongest, with the link they were reached by', async () => {
      await linkAll('0>1:0.2', '0>2:0.9', '3>0:0.5', '2>4:1', '1>5:0.1');
      const { neighbors, truncated } = await ours.neighbors('coord=0&depth=2');
      expect(neighbors.map(({ memory, depth }) => `${memory.coordinate}@${depth}`)).toEqual([
        '2@1',
        '3@1',
        '1@1',
        '4@2',
        '5@2',
      ]);
      expect(truncated).toBe(false);
      expect(neighbors[1]?.link).toMatchObject({ from_coord: '3', to_coord: '0', strength: 0.5 });
      expect(neighbors[3]?.link).toMatchObject({ from_coord: '2', to_coord: '4' });
      const { id } = await ours.read('0');
      expect(await around(`id=${id}&depth=2`)).toHaveLength(5);
    });

    it('P10 are none of another tenant, and nobody learns whether a foreign memory exists', async () => {
      const { id } = await theirs.read('1');
      for (const query of [`id=${id}`, `id=${NO_ID}`, 'coord=99', 'coord=98']) {
        expect(await ours.get(`/graph/neighbors?${query}`)).toMatchObject(NOT_FOUND);
      }
      expect(await around('coord=1')).toEqual([]);
    });

    it('P10 are limited to a type and to a number', async () => {
      await ours.link('0', '1', { link_type: 'causes' });
      await linkAll('0>2', '0>3', '0>4');
      expect(await around('coord=0&link_type=causes')).toEqual(['1@1']);
      expect(await around('coord=0&link_type=none')).toEqual([]);
      const cut = await ours.neighbors('coord=0&limit=3');
      expect([cut.neighbors.length, cut.truncated]).toEqual([3, true]);
      const whole = await ours.neighbors('coord=0&limit=4');
      expect([whole.neighbors.length, whole.truncated]).toEqual([4, false]);
    });

    it('follow links out, in, or both ways', async () => {
      await linkAll('0>1', '2>0', '1>3', '4>2');
      expect(await around('coord=0&direction=out&depth=2')).toEqual(['1@1', '3@2']);
      expect(await around('coord=0&direction=in&depth=2')).toEqual(['2@1', '4@2']);
      expect((await around('coord=0&direction=both&depth=2')).sort()).toEqual(
        ['1@1', '2@1', '3@2', '4@2'].sort(),
      );
    });

    it.each([1, 2, 3, 4, 5, 6])('are found up to %i links away', async (depth) => {
      await linkAll('0>1', '1>2', '2>3', '3>4', '4>5', '5>6', '6>7');
      const expected = Array.from({ length: depth }, (_, n) => `${n + 1}@${n + 1}`);
      expect(await around(`coord=0&direction=out&depth=${depth}`)).toEqual(expected);
    });

    it('are each given once, at their nearest, in a graph of cycles', async () => {
      await linkAll('0>1', '1>2', '2>0', '1>0', '2>3', '3>1', '0>3:0.5');
      expect(await around('coord=0&direction=out&depth=6')).toEqual(['1@1', '3@1', '2@2']);
      expect((await around('coord=0&depth=6')).sort()).toEqual(['1@1', '2@1', '3@1']);
    });

    it('are not expired', async () => {
      await ours.store({ coord: '50', content: 'gone', expires_at: '2999-01-01T00:00:00Z' });
      await linkAll('0>50', '50>1');
      expect(await around('coord=0&depth=2')).toEqual(['50@1', '1@2']);
      await ours.patch('/memories/50', { expires_at: '2020-01-01T00:00:00Z' });
      expect(await around('coord=0&depth=2')).toEqual([]);
      expect((await ours.path('from_coord=0&to_coord=1')).found).toBe(false);
    });

    it('refuse other depths, limits and directions', async () => {
      for (const query of [
        'depth=0',
        'depth=7',
        'depth=1.5',
        'limit=0',
        'limit=201',
        'direction=up',
        `id=${NO_ID}`,
        'coord=2',
        'unknown=1',
      ]) {
        expect(await ours.get(`/graph/neighbors?coord=1&${query}`)).toMatchObject(INVALID);
      }
      expect(await ours.get('/graph/neighbors')).toMatchObject(INVALID);
    });
  });

  describe('paths', () => {
    beforeEach(() => linkAll('0>1:0.9', '1>2:0.9', '2>3:0.9', '0>3:0.3', '3>4:0.5', '5>0:1'));

    it('P11 take the fewest links', async () => {
      const path = await ours.path('from_coord=0&to_coord=3');
      expect(path).toMatchObject({ found: true, length: 1, strength: 0.3, truncated: false });
      expect(await way('from_coord=0&to_coord=4')).toBe('0>3>4');
      expect(path.links).toHaveLength(1);
    });

    it('P11 or the chain whose strengths multiply to most', async () => {
      const path = await ours.path('from_coord=0&to_coord=4&weight=strength');
      expect(path.memories.map(({ coordinate }) => coordinate)).toEqual(['0', '1', '2', '3', '4']);
      expect(path.length).toBe(4);
      expect(path.strength).toBeCloseTo(0.9 ** 3 * 0.5, 12);
      expect(path.links.map(({ from_coord, to_coord }) => `${from_coord}${to_coord}`)).toEqual([
        '01',
        '12',
        '23',
        '34',
      ]);
      expect(await way('from_coord=0&to_coord=4&weight=strength&max_length=3')).toBe('0>3>4');
    });

    it('P11 keep to one type of link, and to a length', async () => {
      await ours.link('0', '6', { link_type: 'causes' });
      await ours.link('6', '3', { link_type: 'causes' });
      expect(await way('from_coord=0&to_coord=3&link_type=causes')).toBe('0>6>3');
      expect((await ours.path('from_coord=0&to_coord=2&max_length=1')).found).toBe(false);
      expect((await ours.path('from_coord=0&to_coord=2&max_length=2')).found).toBe(true);
    });

    it('P11 are none between tenants', async () => {
      const { id } = await theirs.read('1');
      for (const query of [`from_coord=0&to_id=${id}`, `from_id=${id}&to_coord=0`]) {
        expect(await ours.get(`/graph/path?${query}`)).toMatchObject(NOT_FOUND);
      }
      expect(await ours.get(`/graph/path?from_coord=0&to_id=${NO_ID}`)).toMatchObject(NOT_FOUND);
      expect(await ours.get('/graph/path?from_coord=0&to_coord=99')).toMatchObject(NOT_FOUND);
    });

    it('say so when there is none: links have a direction', async () => {
      const none = { found: false, length: null, strength: null, memories: [], links: [] };
      expect(await ours.path('from_coord=4&to_coord=0')).toMatchObject(none);
      expect(await ours.path('from_coord=0&to_coord=7&weight=strength')).toMatchObject(none);
    });

    it('from a memory to itself have no links', async () => {
      expect(await ours.path('from_coord=0&to_coord=0')).toMatchObject({
        found: true,
        length: 0,
        strength: 1,
        links: [],
      });
    });

    it('refuse other lengths and weights', async () => {
      for (const query of ['max_length=0', 'max_length=33', 'weight=cost', `to_id=${NO_ID}`]) {
        expect(await ours.get(`/graph/path?from_coord=0&to_coord=1&${query}`)).toMatchObject(
          INVALID,
        );
      }
      expect(await ours.get('/graph/path?from_coord=0')).toMatchObject(INVALID);
    });
  });
});
