import { setTimeout as sleep } from 'node:timers/promises';
import { BackgroundLoop } from './background-loop.js';

// Claims about time: the machine may stall, so each may be shown in one of three tries, and every failure is printed.
import.meta.jest.retryTimes(2, { logErrorsBeforeRetry: true });

describe(BackgroundLoop.name, () => {
  it('steps at once while there is more, and pauses when there is not', async () => {
    const sut = new BackgroundLoop('test', 60_000);
    let steps = 0;
    sut.start(() => Promise.resolve((steps += 1) < 5));
    await sleep(30);
    expect(steps).toBe(5);
    await sut.stop();
    expect(steps).toBe(5);
  });

  it('waits for the step under way, and begins no other', async () => {
    const sut = new BackgroundLoop('test', 1);
    let [begun, ended] = [0, 0];
    sut.start(async () => {
      begun += 1;
      await sleep(20);
      ended += 1;
      return true;
    });
    await sleep(5);
    await sut.stop();
    expect([begun, ended]).toEqual([1, 1]);
    expect(sut.signal.aborted).toBe(true);
  });

  it('pauses before the first step when asked to', async () => {
    const sut = new BackgroundLoop('test', 40);
    let steps = 0;
    sut.start(() => Promise.resolve((steps += 1) < 1), { pauseFirst: true });
    await sleep(10);
    expect(steps).toBe(0);
    await sleep(50);
    expect(steps).toBe(1);
    await sut.stop();
  });

  it('stops before it was started', async () => {
    await expect(new BackgroundLoop('test', 1).stop()).resolves.toBeUndefined();
  });
});
