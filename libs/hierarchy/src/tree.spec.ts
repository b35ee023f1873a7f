import fc from 'fast-check';
import { episodes } from './episodes.fixture.js';
import { groupItems } from './grouping.js';
import type { HierarchyItem } from './hierarchy-item.js';
import { BRANCHING, buildTree, groupingOf, isNode, type TreeNode } from './tree.js';

const idsOf = (nodes: readonly { id: string }[]): string[] => nodes.map(({ id }) => id).sort();

function leavesOf(item: HierarchyItem): string[] {
  return isNode(item) ? item.sources.flatMap(leavesOf) : [item.id];
}

describe('the tree over a set of episodes', () => {
  it('is the same whatever the order they came in', () => {
    fc.assert(
      fc.property(episodes(80), fc.infiniteStream(fc.nat()), (given, order) => {
        const shuffled = given
          .map((item) => ({ item, at: order.next().value ?? 0 }))
          .sort((a, b) => a.at - b.at)
          .map(({ item }) => item);
        expect(idsOf(buildTree(shuffled))).toEqual(idsOf(buildTree(given)));
      }),
    );
  });

  it('holds every episode once and ends in one root', () => {
    fc.assert(
      fc.property(episodes(120, 2), (given) => {
        const nodes = buildTree(given);
        const root = nodes.at(-1);
        expect(root && leavesOf(root).sort()).toEqual(idsOf(given));
      }),
    );
  });

  it('has no node with more sources than the branching allows, or fewer than two', () => {
    fc.assert(
      fc.property(episodes(150), fc.integer({ min: 2, max: 10 }), (given, branching) => {
        for (const { sources } of buildTree(given, branching)) {
          expect(sources.length).toBeGreaterThanOrEqual(2);
          expect(sources.length).toBeLessThanOrEqual(branching);
        }
      }),
    );
  });

  it('keeps sessions apart in its first tier', () => {
    fc.assert(
      fc.property(episodes(80), (given) => {
        for (const { tier, sources } of buildTree(given)) {
          if (tier > 1) continue;
          expect(new Set(sources.map(({ session }) => session)).size).toBe(1);
        }
      }),
    );
  });

  it('has another node over another version of a source, up to the root, and leaves the rest', () => {
    fc.assert(
      fc.property(episodes(60, 2), fc.nat(), (given, pick) => {
        const changed = pick % given.length;
        const after = given.map((item, at) => (at === changed ? { ...item, version: 2 } : item));
        const changedId = given[changed]?.id ?? '';
        const holding = (nodes: TreeNode[]) =>
          nodes.filter((node) => leavesOf(node).includes(changedId));
        const apart = (nodes: TreeNode[]) =>
          nodes.filter((node) => !leavesOf(node).includes(changedId));
        const [old, now] = [buildTree(given), buildTree(after)];
        const before = new Set(idsOf(holding(old)));
        expect(idsOf(holding(now)).filter((id) => before.has(id))).toEqual([]);
        expect(idsOf(apart(now))).toEqual(idsOf(apart(old)));
      }),
    );
  });

  it('changes few nodes for one episode more, however many there are', () => {
    const item = (at: number): HierarchyItem => ({
      id: `memory-${at}`,
      first: `memory-${at}`,
      arrivedAt: 0,
      leaves: 1,
      version: 1,
      session: undefined,
      startsAt: at * 60_000,
      endsAt: at * 60_000,
      vector: Float32Array.of(Math.sin(at), Math.cos(at)),
    });
    const made = (size: number): number => {
      const given = Array.from({ length: size }, (_, at) => item(at));
      const before = new Set(idsOf(buildTree(given)));
      const between = {
        ...item(size / 2),
        id: 'late',
        first: 'late',
        arrivedAt: 0,
        leaves: 1,
        startsAt: (size / 2) * 60_000 + 1,
      };
      return buildTree([...given, between]).filter(({ id }) => !before.has(id)).length;
    };
    const [small, large] = [made(1_000), made(16_000)];
    expect(small).toBeGreaterThan(0);
    expect(large).toBeLessThan(small + 60);
  });

  it('says which times, sessions and episodes a node stands for', () => {
    const at = (minute: number, session: string): HierarchyItem => ({
      id: `${session}-${minute}`,
      first: `${session}-${minute}`,
      arrivedAt: 0,
      leaves: 1,
      version: 1,
      session,
      startsAt: minute * 60_000,
      endsAt: minute * 60_000,
      vector: Float32Array.of(1, 0),
    });
    const nodes = buildTree([at(1, 'a'), at(2, 'a'), at(3, 'c'), at(4, 'c')]);
    expect(nodes.map(({ tier, session, leaves }) => [tier, session, leaves])).toEqual([
      [1, 'a', 2],
      [1, 'c', 2],
      [2, undefined, 4],
    ]);
    expect(nodes.at(-1)).toMatchObject({ startsAt: 60_000, endsAt: 240_000 });
  });
});

describe('groups', () => {
  it('are cut where neighbours are least alike', () => {
    const near = (id: string, at: number, ...vector: number[]): HierarchyItem => ({
      id,
      first: id,
      arrivedAt: 0,
      leaves: 1,
      version: 1,
      session: 's',
      startsAt: at,
      endsAt: at,
      vector: Float32Array.from(vector),
    });
    const run = [
      ...['p', 'q', 'r', 's'].map((id, at) => near(id, at, 1, 0)),
      ...['t', 'u', 'v', 'w', 'x'].map((id, at) => near(id, 4 + at, 0, 1)),
    ];
    const groups = groupItems(run, groupingOf(0, BRANCHING));
    expect(groups.map((group) => group.map(({ id }) => id).join(''))).toEqual(['pqrs', 'tuvwx']);
  });
});
