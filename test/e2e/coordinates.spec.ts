import type { Memory } from '@soma/memory';
import fc from 'fast-check';
import { problem } from './http.js';
import { type Client, type Service, startService } from './service.js';

const INVALID = problem('COORDINATE_INVALID');

/** Ways to write the same number. */
const spellings = (value: number): string[] => {
  const text = String(value);
  const plain = text.includes('e') ? [text] : [text, `0${text}`.replace('0-', '-0')];
  const withPoint = /[.e]/.test(text) ? plain : [...plain, `${text}.`, `${text}.000`];
  return value < 0 ? withPoint : [...withPoint, `+${text}`];
};

describe('coordinates', () => {
  let service: Service;
  let ours: Client;
  let theirs: Client;

  beforeAll(async () => {
    service = await startService();
    [ours, theirs] = [await service.tenant(), await service.tenant()];
  });
  afterAll(() => service.close());

  const pathOf = (coordinate: string) => `/memories/${encodeURIComponent(coordinate)}`;

  describe('given', () => {
    it('are one address however they are written', async () => {
      const stored = await ours.store({ coord: '1.0,-2.50,300', content: 'canonical' });
      expect(stored.coordinate).toBe('1,-2.5,300');
      for (const spelling of [
        '1,-2.5,300',
        '+1,-2.5,3e2',
        ' 1. , -02.500 ,300.0',
        '1,-25e-1,300',
      ]) {
        expect((await ours.get<Memory>(pathOf(spelling))).body).toMatchObject({ id: stored.id });
      }
    });

    it('are one address however random numbers are written', async () => {
      const number = fc.oneof(
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
      );
      const vectors = fc.array(number, { minLength: 1, maxLength: 8 });
      await fc.assert(
        fc.asyncProperty(vectors, fc.nat(), async (values, seed) => {
          const canonical = values.join(',');
          const spelled = values.map((value) => {
            const ways = spellings(value);
            return ways[seed % ways.length];
          });
          const first = await ours.store({ coord: canonical, content: 'spelled' });
          expect(first.coordinate).toBe(canonical);
          const again = await ours.store({ coord: spelled.join(', '), content: 'spelled' });
          expect(again).toMatchObject({ id: first.id, version: first.version + 1 });
        }),
        { numRuns: 25 },
      );
    });

    it('may have 64 numbers and 512 bytes, and not one more', async () => {
      const widest = Array.from({ length: 64 }, (_, n) => n).join(',');
      expect((await ours.store({ coord: widest, content: 'wide' })).coordinate).toBe(widest);
      const longest = `1.${'0'.repeat(510)}`;
      expect((await ours.store({ coord: longest, content: 'long' })).coordinate).toBe('1');
      expect(await ours.post('/memories', { coord: `${widest},64`, content: 'x' })).toMatchObject(
        INVALID,
      );
      const tooLong = await ours.post('/memories', { coord: `${longest}0`, content: 'x' });
      expect(tooLong.status).toBe(400);
      expect(await ours.get(pathOf(`${longest}0`))).toMatchObject(INVALID);
    });

    it('refuses what is no vector of finite doubles', async () => {
      const hostile = [
        ['1,,2', '1;2', '1,2,', ',', 'a', '0x10', '1_000', '١,٢', '1 2', '--1', '1e', "1' OR '1"],
        ['NaN', 'Infinity', '-Infinity', '1e400', '-1e999', '1e-400', '9007199254740993'],
      ].flat();
      const before = await ours.settledStats();
      for (const coord of hostile) {
        expect(await ours.post('/memories', { coord, content: 'x' })).toMatchObject(INVALID);
        expect(await ours.get(pathOf(coord))).toMatchObject(INVALID);
        expect(await ours.get(`/graph/neighbors?coord=${encodeURIComponent(coord)}`)).toMatchObject(
          INVALID,
        );
      }
      expect(await ours.settledStats()).toEqual(before);
    });
  });

  describe('derived', () => {
    it('P2 are chosen by the service, and address the memory from then on', async () => {
      const stored = await ours.store({ payload: { text: 'The boiler was serviced in May.' } });
      expect(stored.coordinate.split(',')).toHaveLength(3);
      expect(await ours.read(stored.coordinate)).toMatchObject({ id: stored.id });
    });

    it('are no way to a memory of another tenant', async () => {
      const { coordinate } = await ours.store({ content: 'The boiler is in the cellar.' });
      expect(await theirs.get(`/memories/${coordinate}`)).toMatchObject(
        problem('MEMORY_NOT_FOUND'),
      );
    });

    it('keep two memories of the same text apart', async () => {
      const before = (await ours.stats()).memories.total;
      const content = 'Twice the same sentence.';
      const stored = await Promise.all(Array.from({ length: 20 }, () => ours.store({ content })));
      expect(new Set(stored.map(({ coordinate }) => coordinate)).size).toBe(20);
      expect((await ours.stats()).memories.total).toBe(before + 20);
    });

    it('lie near each other for near texts, and far apart for others', async () => {
      const place = async (content: string) =>
        (await ours.store({ content })).coordinate.split(',').map(Number);
      const distance = (left: number[], right: number[]) =>
        Math.hypot(...left.map((value, axis) => value - (right[axis] ?? 0)));
      const texts = [
        'The user drinks green tea every morning before work',
        'Invoice 4711 for the Rotterdam warehouse is overdue',
        'Our telescope photographed the moons of Jupiter',
        'Grandmother bakes rye bread with caraway seeds',
      ];
      const near: number[] = [];
      const far: number[] = [];
      const places: number[][] = [];
      for (const text of texts) {
        const [at, beside] = [await place(text), await place(`${text} again`)];
        near.push(distance(at, beside));
        far.push(...places.map((other) => distance(at, other)));
        places.push(at);
      }
      const mean = (values: number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
      expect(mean(near)).toBeLessThan(mean(far) / 2);
      expect(distance(await place('same words'), await place('same words'))).toBeLessThan(1e-5);
    });
  });
});
