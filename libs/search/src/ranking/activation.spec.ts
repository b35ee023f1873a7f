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
});
