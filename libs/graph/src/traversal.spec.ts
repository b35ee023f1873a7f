import { type MemoryId, memoryId } from '@soma/core';
import fc from 'fast-check';
import type { Edge } from './link-repository.js';
import { bestPath, breadthFirst, type ExpandFrontier } from './traversal.js';

const node = (name: number): MemoryId => memoryId(`n${name}`);

const graph = fc
  .uniqueArray(
    fc.record({
      from: fc.nat(6),
      to: fc.nat(6),
      strength: fc.constantFrom(0.1, 0.25, 0.5, 0.75, 0.9, 1),
    }),
    { selector: ({ from, to }) => `${from}>${to}`, maxLength: 24 },
  )
  .map((links) =>
    links.map(({ from, to, strength }): Edge => ({
      linkId: `l${from}-${to}`,
      fromId: node(from),
      toId: node(to),
      strength,
    })),
  );

function expander(edges: readonly Edge[]): { expand: ExpandFrontier; calls: () => number } {
  let calls = 0;
  const expand: ExpandFrontier = (frontier) => {
    calls += 1;
    const near = new Set(frontier);
    const touching = edges.filter(({ fromId, toId }) => near.has(fromId) || near.has(toId));
    return Promise.resolve({ edges: touching, cut: false });
  };
  return { expand, calls: () => calls };
}

/** Every simple way along links, tried one by one. */
function allPaths(
  edges: readonly Edge[],
  start: MemoryId,
  end: MemoryId,
  maxLength: number,
): Edge[][] {
  const walk = (at: MemoryId, taken: Edge[]): Edge[][] => {
    if (at === end) return [taken];
    if (taken.length === maxLength) return [];
    const seen = new Set([start, ...taken.map(({ toId }) => toId)]);
    return edges
      .filter(({ fromId, toId }) => fromId === at && !seen.has(toId))
      .flatMap((edge) => walk(edge.toId, [...taken, edge]));
  };
  return walk(start, []);
}

const product = (path: readonly { strength: number }[]): number =>
  path.reduce((strength, edge) => strength * edge.strength, 1);

describe(bestPath.name, () => {
  it('finds a path of fewest links, as trying all of them does', async () => {
    await fc.assert(
      fc.asyncProperty(graph, fc.integer({ min: 1, max: 6 }), async (edges, maxLength) => {
        const paths = allPaths(edges, node(0), node(1), maxLength);
        const shortest = Math.min(...paths.map((path) => path.length));
        const { expand } = expander(edges);
        const { steps } = await bestPath(node(0), node(1), 'hops', maxLength, expand);
        expect(steps?.length ?? Infinity).toBe(shortest);
      }),
    );
  });

  it('finds the strongest chain, as trying all of them does', async () => {
    await fc.assert(
      fc.asyncProperty(graph, fc.integer({ min: 1, max: 6 }), async (edges, maxLength) => {
        const paths = allPaths(edges, node(0), node(1), maxLength);
        const { expand } = expander(edges);
        const { steps } = await bestPath(node(0), node(1), 'strength', maxLength, expand);
        if (paths.length === 0) expect(steps).toBeUndefined();
        else expect(product(steps ?? [])).toBeCloseTo(Math.max(...paths.map(product)), 12);
      }),
    );
  });

  it('gives steps that join start to end along real links', async () => {
    await fc.assert(
      fc.asyncProperty(graph, fc.constantFrom('hops', 'strength'), async (edges, weight) => {
        const { expand } = expander(edges);
        const { steps = [] } = await bestPath(node(0), node(1), weight, 6, expand);
        let at = node(0);
        for (const step of steps) {
          expect(edges).toContainEqual(
            expect.objectContaining({ linkId: step.linkId, fromId: at, toId: step.id }),
          );
          at = step.id;
        }
        if (steps.length > 0) expect(at).toBe(node(1));
      }),
    );
  });

  it('asks once a frontier, never once a node', async () => {
    const star = Array.from({ length: 50 }, (_, i): Edge => ({
      linkId: `l${i}`,
      fromId: node(0),
      toId: node(i + 10),
      strength: 1,
    }));
    const { expand, calls } = expander(star);
    await bestPath(node(0), node(1), 'hops', 6, expand);
    expect(calls()).toBe(2);
  });
});

describe(breadthFirst.name, () => {
  it('gives each reachable memory once, at its shortest distance', async () => {
    await fc.assert(
      fc.asyncProperty(graph, fc.integer({ min: 1, max: 6 }), async (edges, depth) => {
        const { expand } = expander(edges);
        const { reached } = await breadthFirst(node(0), 'out', depth, 100, expand);
        const expected = [1, 2, 3, 4, 5, 6].flatMap((name) => {
          const lengths = allPaths(edges, node(0), node(name), depth).map((path) => path.length);
          return lengths.length === 0 ? [] : [[node(name), Math.min(...lengths)]];
        });
        expect(reached.map(({ id, depth: level }) => [id, level]).sort()).toEqual(expected.sort());
      }),
    );
  });

  it('says so when there are more than the limit', async () => {
    const edges = [1, 2, 3].map((name): Edge => ({
      linkId: `l${name}`,
      fromId: node(0),
      toId: node(name),
      strength: name / 10,
    }));
    const { expand } = expander(edges);
    const answer = await breadthFirst(node(0), 'out', 1, 2, expand);
    expect(answer.reached.map(({ id }) => id)).toEqual([node(3), node(2)]);
    expect(answer.truncated).toBe(true);
  });
});
