import { setImmediate as turn } from 'node:timers/promises';
import { WaitingLines } from './waiting-lines.js';

describe(WaitingLines, () => {
  let sut: WaitingLines;
  let served: string[];

  beforeEach(() => {
    sut = new WaitingLines();
    served = [];
  });

  const forEver = new AbortController().signal;
  const come = (name: string, ended = forEver, line = 'a'): Promise<() => void> =>
    sut.join(line, ended).then((leave) => {
      served.push(name);
      return leave;
    });

  it('serves one after the other, in the order in which they came', async () => {
    const comers = ['1', '2', '3'].map((name) => come(name));
    for (const [number, comer] of comers.entries()) {
      const leave = await comer;
      await turn();
      expect(served).toEqual(['1', '2', '3'].slice(0, number + 1));
      leave();
    }
  });

  it('keeps lines apart', async () => {
    await come('1');
    await come('2', forEver, 'b');
    expect(served).toEqual(['1', '2']);
  });

  it('lets one go whose time is over, and nobody past those before', async () => {
    const over = new AbortController();
    const first = await come('1');
    const second = come('2', over.signal);
    void come('3');
    over.abort();
    (await second)();
    await turn();
    expect(served).toEqual(['1', '2']);
    first();
    await turn();
    expect(served).toEqual(['1', '2', '3']);
  });
});
