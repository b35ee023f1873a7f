import { parseOperationsArguments } from './arguments.ts';
import { measureOperations } from './measure.ts';
import { OPERATIONS } from './operation.ts';
import type { Call, Operation, Side } from './operation.ts';
import { describeOperations } from './report.ts';
import { slowPath } from './slow-path.ts';
import { Workload } from './workload.ts';

class RecordingSide implements Side {
  readonly name: string;
  readonly operations: readonly Operation[];
  readonly #log: string[];

  constructor(name: string, operations: readonly Operation[], log: string[]) {
    this.name = name;
    this.operations = operations;
    this.#log = log;
  }

  load(): Promise<void> {
    return Promise.resolve();
  }

  run(call: Call): Promise<void> {
    this.#log.push(`${this.name} ${call.operation}`);
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

async function measured(clients: number[], log: string[] = []) {
  const workload = new Workload(7);
  const items = Array.from({ length: 30 }, () => workload.add());
  const service = new RecordingSide('service', OPERATIONS, log);
  const bare = [
    new RecordingSide('rows', ['store', 'get', 'neighbours', 'path'], log),
    new RecordingSide('vectors', ['search'], log),
  ];
  const options = { workload, n: items.length, q: 3, rounds: 2, clients };
  return { items, results: await measureOperations(service, bare, options) };
}

describe('measureOperations', () => {
  it('P50 times every operation at every number of clients against the engine that can do it', async () => {
    const { results } = await measured([1, 16]);
    expect(results.map(({ operation, clients }) => `${operation} ${clients}`)).toEqual(
      OPERATIONS.flatMap((operation) => [`${operation} 1`, `${operation} 16`]),
    );
    for (const { operation, service, bare } of results) {
      expect(bare.map(({ engine }) => engine)).toEqual([
        operation === 'search' ? 'vectors' : 'rows',
      ]);
      expect(service.p50).toBeLessThanOrEqual(service.p95);
      expect(service.p95).toBeLessThanOrEqual(service.p99);
      expect(bare[0]?.ratio).toBeGreaterThan(0);
    }
  });

  it('alternates the sides, in turned order every other round', async () => {
    const log: string[] = [];
    await measured([1], log);
    const timed = log.filter((entry) => entry.endsWith('get')).slice(2 * 8);
    expect(timed.map((entry) => entry.split(' ')[0])).toEqual(
      ['service', 'rows', 'rows', 'service'].flatMap((side) => [side, side, side]),
    );
  });
});

describe('slowPath', () => {
  const item = (vector: number[], importance: number) => ({
    vector: Float32Array.from(vector),
    importance,
  });

  it('P50 scores by max(0, cosine) x importance, best first', () => {
    const items = [item([1, 0], 0.2), item([0.6, 0.8], 1), item([-1, 0], 1), item([0, 1], 0.5)];
    const scored = slowPath(items, Float32Array.from([1, 0]));
    expect(scored.map(({ position }) => position)).toEqual([1, 0, 2, 3]);
    expect(scored.map(({ score }) => score)).toEqual([
      expect.closeTo(0.6, 6),
      expect.closeTo(0.2, 6),
      0,
      0,
    ]);
  });
});

describe(Workload.name, () => {
  it('is the same for the same seed and another for another', () => {
    const first = (seed: number) => new Workload(seed).add();
    expect(first(3)).toEqual(first(3));
    expect(first(3).memory.content).not.toBe(first(4).memory.content);
  });

  it('links only to earlier items, and walks along at most four links', () => {
    const workload = new Workload(1);
    const items = Array.from({ length: 60 }, () => workload.add());
    items.forEach((item, position) => {
      expect(item.links.every((to) => to < position)).toBe(true);
    });
    for (let count = 0; count < 50; count++) {
      const { from, to } = workload.walk(60);
      let reached = [from];
      for (let step = 0; step < 4; step++) {
        reached = [...reached, ...reached.flatMap((at) => items[at]?.links ?? [])];
      }
      expect(reached).toContain(to);
      expect(to).not.toBe(from);
    }
  });
});

describe('describeOperations', () => {
  it('prints one row per operation, clients and engine, with the ratio', async () => {
    const { results } = await measured([1]);
    const report = describeOperations({
      stack: 'embedded',
      n: 30,
      q: 3,
      rounds: 2,
      seed: 7,
      node: '24.0.0',
      cpus: 2,
      loaded_per_second: 500,
      operations: results,
      slow_path: { p50: 2, p95: 3, p99: 4, ratio: 0.5 },
      took_s: 1,
    });
    expect(report.match(/^\| (store|get|search|neighbours|path), 1 /gm)).toHaveLength(5);
    expect(report).toContain("the service's search takes 2.00 times as long over HTTP");
  });
});

describe('parseOperationsArguments', () => {
  it('has the defaults of the documented command', () => {
    expect(parseOperationsArguments([])).toEqual({
      n: 2000,
      q: 50,
      rounds: 4,
      seed: 1,
      stack: 'embedded',
      json: false,
    });
  });

  it.each([
    [['--n', '2'], '--n is 2'],
    [['--q', 'x'], '--q is x'],
    [['--stack', 's'], '--stack is s'],
  ])('refuses %j', (args, message) => {
    expect(() => parseOperationsArguments(args)).toThrow(message);
  });
});
