import { type EndedCall, timedCall, watchDependencies } from './dependency-call.js';

const PING = { dependency: 'redis', operation: 'answer' } as const;

describe(timedCall, () => {
  const calls: EndedCall[] = [];
  let stopWatching: () => void;

  beforeEach(() => {
    calls.length = 0;
    stopWatching = watchDependencies((call) => calls.push(call));
  });
  afterEach(() => stopWatching());

  it('P15 tells how long a call took, and gives what it gave', async () => {
    const work = () => new Promise((resolve) => setTimeout(() => resolve('PONG'), 20));
    expect(await timedCall(PING, work)).toBe('PONG');
    expect(calls).toMatchObject([{ ...PING, outcome: 'ok' }]);
    expect(calls[0]?.seconds).toBeGreaterThan(0.01);
    expect(calls[0]?.seconds).toBeLessThan(20);
  });

  it('P15 tells of one that fails, whose error is let through', async () => {
    const failure = new Error('gone');
    await expect(timedCall(PING, () => Promise.reject(failure))).rejects.toBe(failure);
    expect(calls).toMatchObject([{ ...PING, outcome: 'failed' }]);
  });

  it('P15 asks whoever knows the dependency what an error says of it', async () => {
    const refused = () => Promise.reject(new Error('taken'));
    await expect(timedCall(PING, refused, () => 'ok')).rejects.toThrow('taken');
    await expect(timedCall(PING, refused, () => 'not-asked')).rejects.toThrow('taken');
    expect(calls.map(({ outcome }) => outcome)).toEqual(['ok', 'not-asked']);
  });

  it('P15 tells nobody once nobody watches, and does the work', async () => {
    stopWatching();
    expect(await timedCall(PING, () => Promise.resolve(1))).toBe(1);
    expect(calls).toEqual([]);
  });
});
