import { setTimeout as sleep } from 'node:timers/promises';
import { concurrently } from './concurrently.ts';

describe('concurrently', () => {
  it('keeps the order of the items and never runs more at once than clients', async () => {
    let running = 0;
    let most = 0;
    const results = await concurrently([5, 1, 4, 2, 3], 2, async (item) => {
      most = Math.max(most, ++running);
      await sleep(item);
      running--;
      return item * 10;
    });
    expect(results).toEqual([50, 10, 40, 20, 30]);
    expect(most).toBe(2);
  });

  it('begins no further item after a failure', async () => {
    const begun: number[] = [];
    const failing = concurrently([0, 1, 2, 3], 1, (item) => {
      begun.push(item);
      return item === 1 ? Promise.reject(new Error('no')) : Promise.resolve(item);
    });
    await expect(failing).rejects.toThrow('no');
    expect(begun).toEqual([0, 1]);
  });
});
