import { FairQueue, type Leave } from './fair-queue.js';

/** Requests that have begun, by name, in order. */
function given(places: number, mostWaiting = 100) {
  let now = 0;
  const sut = new FairQueue(places, mostWaiting, () => now);
  const begun: string[] = [];
  const leaves = new Map<string, Leave>();
  const enter = async (tenant: string, name: string, gone?: AbortSignal): Promise<boolean> => {
    const leave = await sut.enter(tenant, gone);
    if (!leave) return false;
    begun.push(name);
    leaves.set(name, leave);
    return true;
  };
  return {
    sut,
    begun,
    enter,
    leave: async (name: string) => {
      leaves.get(name)?.();
      await Promise.resolve();
    },
    later: (ms: number) => (now += ms),
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe(FairQueue.name, () => {
  it('gives who comes alone every place, and no more', async () => {
    const { enter, begun, sut } = given(3);
    for (const name of ['a1', 'a2', 'a3', 'a4']) void enter('a', name);
    await settled();
    expect(begun).toEqual(['a1', 'a2', 'a3']);
    expect(sut.counts).toEqual({ running: 3, waiting: 1 });
  });

  it('gives the next place to the tenant with the fewest at work, however long the line of another', async () => {
    const { enter, begun, leave } = given(2);
    for (let n = 1; n <= 50; n++) void enter('noisy', `n${n}`);
    void enter('quiet', 'q1');
    await settled();
    expect(begun).toEqual(['n1', 'n2']);
    await leave('n1');
    expect(begun).toEqual(['n1', 'n2', 'q1']);
  });

  it('serves tenants in turn where there is one place', async () => {
    const { enter, begun, leave } = given(1);
    for (const name of ['a1', 'a2', 'a3']) void enter('a', name);
    for (const name of ['b1', 'b2']) void enter('b', name);
    await settled();
    for (const name of ['a1', 'b1', 'a2', 'b2']) await leave(name);
    expect(begun).toEqual(['a1', 'b1', 'a2', 'b2', 'a3']);
  });

  it('keeps a tenant to its share while another was active a moment ago, and lets go after', async () => {
    const { enter, begun, leave, later } = given(4);
    void enter('quiet', 'q1');
    await settled();
    await leave('q1');
    for (let n = 1; n <= 10; n++) void enter('noisy', `n${n}`);
    await settled();
    expect(begun).toEqual(['q1', 'n1', 'n2']);
    later(1_001);
    await leave('n1');
    await settled();
    expect(begun).toHaveLength(1 + 5);
  });

  it('gives a tenant few places beside one that has had less, and one while that one is here', async () => {
    const { enter, begun, leave, later } = given(16);
    void enter('quiet', 'q1');
    for (let n = 1; n <= 60; n++) void enter('noisy', `n${n}`);
    await settled();
    later(100);
    expect(begun).toHaveLength(1 + 8);
    await leave('q1');
    for (let n = 1; n <= 6; n++) await leave(`n${n}`);
    // Of its eight two are left, and that is as many as it may have.
    expect(begun).toHaveLength(9);
    await leave('n7');
    expect(begun.slice(9)).toEqual(['n9']);
    void enter('quiet', 'q2');
    await settled();
    expect(begun.slice(10)).toEqual(['q2']);
    await leave('n8');
    expect(begun).toHaveLength(11);
    await leave('n9');
    expect(begun.slice(11)).toEqual(['n10']);
    await leave('q2');
    expect(begun.slice(12)).toEqual(['n11']);
  });

  it('holds back neither of two tenants that have had as much', async () => {
    const { enter, begun, leave, later } = given(16);
    for (let n = 1; n <= 60; n++) for (const name of ['a', 'b']) void enter(name, `${name}${n}`);
    await settled();
    for (let n = 1; n <= 40; n++) {
      later(10);
      for (const name of ['a', 'b']) await leave(`${name}${n}`);
    }
    const of = (name: string) => begun.filter((each) => each.startsWith(name)).length;
    expect(Math.abs(of('a') - of('b'))).toBeLessThanOrEqual(8);
    expect(of('a')).toBeGreaterThanOrEqual(40);
  });

  it('lets a tenant on that was held back by a long request of another', async () => {
    const { enter, begun, leave, later } = given(4);
    void enter('quiet', 'q0');
    for (let n = 1; n <= 9; n++) void enter('noisy', `n${n}`);
    await settled();
    later(100);
    await leave('q0');
    void enter('quiet', 'q1');
    for (const name of ['n1', 'n2']) await leave(name);
    await settled();
    expect(begun).toEqual(['q0', 'n1', 'n2', 'q1']);
    later(500);
    for (let tries = 0; tries < 600 && begun.length === 4; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(begun.slice(4)).toContain('n3');
  });

  it('refuses who finds its own line full, and nobody else', async () => {
    const { enter, begun } = given(1, 2);
    const entering = ['a1', 'a2', 'a3', 'a4'].map((name) => enter('a', name));
    expect(await entering[3]).toBe(false);
    void enter('b', 'b1');
    await settled();
    expect(begun).toEqual(['a1']);
  });

  it('forgets who hangs up while waiting, and counts a place given back once', async () => {
    const { enter, begun, leave, sut } = given(1);
    const gone = new AbortController();
    void enter('a', 'a1');
    const waiting = enter('a', 'a2', gone.signal);
    void enter('a', 'a3');
    gone.abort();
    expect(await waiting).toBe(false);
    await leave('a1');
    await leave('a1');
    await settled();
    expect(begun).toEqual(['a1', 'a3']);
    expect(sut.counts).toEqual({ running: 1, waiting: 0 });
  });
});
