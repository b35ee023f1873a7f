import { setTimeout as sleep } from 'node:timers/promises';
import { Circuit, type CircuitOptions } from './circuit.js';

// Claims about time: the machine may stall, so each may be shown in one of three tries, and every failure is printed.
import.meta.jest.retryTimes(2, { logErrorsBeforeRetry: true });

const PAUSE_MS = 500;
const HOUR_MS = 3_600_000;

describe(Circuit.name, () => {
  let isWell: boolean;
  let changes: boolean[];

  const ask = async (): Promise<string> => {
    if (!isWell) throw new Error('away');
    return 'well';
  };
  const circuit = (options: Partial<CircuitOptions> = {}): Circuit =>
    new Circuit({
      dependency: 'The oracle',
      deadlineMs: 1_000,
      failures: 1,
      pauseMs: PAUSE_MS,
      isOutage: () => true,
      outage: (detail, cause) => new Error(detail, { cause }),
      onChange: (isOpen) => changes.push(isOpen),
      ...options,
    });

  beforeEach(() => {
    isWell = false;
    changes = [];
  });
  const { now } = Date;
  afterEach(() => {
    Date.now = now;
  });

  it('asks nothing of what has failed until the pause is over', async () => {
    const sut = circuit();
    await expect(sut.run('answer', ask)).rejects.toThrow('away');
    isWell = true;
    await expect(sut.run('answer', ask)).rejects.toThrow('was not asked to answer');
    await sleep(PAUSE_MS + 50);
    expect(await sut.run('answer', ask)).toBe('well');
    expect(changes).toEqual([true, false]);
    sut.close();
  });

  it.each([
    ['back', -HOUR_MS],
    ['forward', HOUR_MS],
  ])('keeps to its pause when the clock is set %s by an hour', async (_, offsetMs) => {
    const [asked, tried] = [circuit(), circuit({ probe: async () => void (await ask()) })];
    await expect(asked.run('answer', ask)).rejects.toThrow('away');
    await expect(tried.run('answer', ask)).rejects.toThrow('away');
    Date.now = () => now() + offsetMs;
    isWell = true;
    await expect(asked.run('answer', ask)).rejects.toThrow('was not asked to answer');
    await sleep(10 * PAUSE_MS);
    expect(await asked.run('answer', ask)).toBe('well');
    expect(await tried.run('answer', ask)).toBe('well');
    asked.close();
    tried.close();
  });
});
