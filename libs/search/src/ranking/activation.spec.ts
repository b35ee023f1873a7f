import fc from 'fast-check';
import { activate, DECAY, FULL_REACH, RADIUS } from './activation.js';

/** A session of so many memories, each linked to the one before and after. */
const chain = (count: number): { previous: number; next: number }[] =>
  Array.from({ length: count }, (_, i) => ({ previous: i - 1, next: i + 1 < count ? i + 1 : -1 }));

const values = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 12 });

describe(activate.name, () => {
  it('halves at each step and ends after three', () => {
    const spread = activate(chain(9), [0, 0, 0, 0, 8, 0, 0, 0, 0]);
    expect([...spread]).toEqual([0, 1, 2, 4, 8, 4, 2, 1, 0]);
  });

  it('does not leave the session', () => {
    const two = [...chain(2), { previous: -1, next: 3 }, { previous: 2, next: -1 }];
    expect([...activate(two, [0, 8, 0, 0])]).toEqual([4, 8, 0, 0]);
  });

  it('gives a memory that stands alone its own value', () => {
    fc.assert(
      fc.property(values, (given) => {
        const alone = given.map(() => ({ previous: -1, next: -1 }));
        expect([...activate(alone, given)]).toEqual(given);
      }),
    );
  });

  it('gives each of two memories the same share of the other', () => {
    fc.assert(
      fc.property(fc.nat(9), fc.nat(9), (from, to) => {
        const one = (at: number): number[] =>
          Array.from({ length: 10 }, (_, i) => Number(i === at));
        const there = activate(chain(10), one(from))[to];
        expect(there).toBe(activate(chain(10), one(to))[from]);
        const steps = Math.abs(from - to);
        expect(there).toBe(steps <= RADIUS ? DECAY ** steps : 0);
      }),
    );
  });

  it('is never more than FULL_REACH times the greatest value, nor less than the own', () => {
    fc.assert(
      fc.property(values, (given) => {
        const spread = activate(chain(given.length), given);
        const most = Math.max(...given) * FULL_REACH;
        expect([...spread].every((value, i) => value >= given[i]! && value <= most)).toBe(true);
      }),
    );
    expect(activate(chain(7), Array(7).fill(1))[3]).toBe(FULL_REACH);
  });

  it('is, without the own value, what the surroundings give', () => {
    fc.assert(
      fc.property(values, (given) => {
        const links = chain(given.length);
        const around = activate(links, given, 0);
        expect(activate(links, given)).toEqual(around.map((value, i) => value + given[i]!));
      }),
    );
  });

  it('lends what linked memories have, by strength and faded', () => {
    const links = [
      { memory: 1, strength: 1 },
      { memory: 2, strength: 0.5 },
    ];
    const linked = [{ previous: -1, next: -1, links }, ...chain(1), ...chain(1)];
    expect(activate(linked.slice(0, 1), [3])[0]).toBe(3);
    expect([...activate(linked, [1, 6, 6])]).toEqual([1 + DECAY * 6, 6, 6]);
    expect([...activate(linked, [0, 6, 0])]).toEqual([(DECAY * 6) / 1.5, 6, 0]);
  });

  it('takes from all links together at most one neighbour, however many and strong', () => {
    const link = fc.record({
      memory: fc.nat(7),
      strength: fc.double({ min: -1, max: 9, noNaN: true }),
    });
    const lots = fc.array(link, { maxLength: 20 });
    fc.assert(
      fc.property(fc.array(fc.nat(1_000), { minLength: 8, maxLength: 8 }), lots, (given, links) => {
        const spread = activate([{ previous: -1, next: -1, links }, ...chain(7)], given);
        const bare = activate([{ previous: -1, next: -1 }, ...chain(7)], given);
        expect(spread.slice(1)).toEqual(bare.slice(1));
        const gain = spread[0]! - bare[0]!;
        expect(gain).toBeGreaterThanOrEqual(0);
        expect(gain).toBeLessThanOrEqual(DECAY * Math.max(...given) + 1e-9);
      }),
    );
  });

  it('grows with the strength of a link', () => {
    const strength = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(strength, strength, (one, other) => {
        const of = (each: number): number =>
          activate(
            [{ previous: -1, next: -1, links: [{ memory: 1, strength: each }] }, ...chain(1)],
            [0, 5],
          )[0]!;
        expect(of(Math.min(one, other))).toBeLessThanOrEqual(of(Math.max(one, other)));
      }),
    );
  });
});
