import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { inParallel } from './in-parallel.js';

describe(inParallel.name, () => {
  it('keeps the order of the items and never does more at once than allowed', async () => {
    const items = fc.array(fc.nat(5), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(items, fc.integer({ min: 1, max: 6 }), async (turns, most) => {
        let running = 0;
        let greatest = 0;
        const outcomes = await inParallel(turns, most, async (count) => {
          running += 1;
          greatest = Math.max(greatest, running);
          for (let at = 0; at < count; at += 1) await turn();
          running -= 1;
          return count;
        });
        expect(outcomes).toEqual(turns);
        expect(greatest).toBeLessThanOrEqual(most);
      }),
      { numRuns: 30 },
    );
  });

  it('begins nothing new after one has failed', async () => {
    const begun: number[] = [];
    const work = async (item: number): Promise<void> => {
      begun.push(item);
      await turn();
      if (item === 1) throw new Error('one');
    };
    await expect(inParallel([0, 1, 2, 3, 4, 5], 2, work)).rejects.toThrow('one');
    await turn();
    expect(begun.length).toBeLessThan(6);
  });
});
