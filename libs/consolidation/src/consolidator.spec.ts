import { tenantId, TenantScope } from '@soma/core';
import { HashEmbedder } from '@soma/embedding';
import { groupingOf, groupItems, MAX_TIER, nodeOver } from '@soma/hierarchy';
import fc from 'fast-check';
import { Consolidator } from './consolidator.js';
import { ExtractiveDigester } from './extractive-digester.js';
import type { LayerItem } from './hierarchy-store.js';
import { InMemoryHierarchy } from './in-memory-hierarchy.fixture.js';
import { NodeMaker } from './node-maker.js';
import { OneEmbedder } from './one-embedder.fixture.js';
import { SMALL_SPAN_LIMITS, SPAN_LIMITS, type SpanLimits } from './span.js';

const MINUTE = 60_000;
const scope = TenantScope.of(tenantId('019aa5a0-0000-7000-8000-000000000001'));

/** Spans and pages of a few items, so that short histories need many. */
const OF_A_FEW: SpanLimits = { page: 3, marks: 5, items: 4 };

const embedders = new OneEmbedder(new HashEmbedder(128));

function episode(
  number: number,
  { session, minute }: { session: string | null; minute: number },
  version = 1,
): LayerItem {
  const id = `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`;
  const angle = (minute / 7) % 6;
  return {
    id,
    first: id,
    version,
    session: session ?? undefined,
    startsAt: minute * MINUTE,
    endsAt: minute * MINUTE,
    arrivedAt: 0,
    leaves: 1,
    vector: Float32Array.of(Math.cos(angle), Math.sin(angle)),
    place: { session, at: minute * MINUTE, arrived: 0 },
  };
}

async function consolidate(
  store: InMemoryHierarchy,
  limits: SpanLimits = SPAN_LIMITS,
): Promise<number> {
  const maker = new NodeMaker(store, new ExtractiveDigester(), embedders);
  const consolidator = new Consolidator(store, maker);
  let made = 0;
  for (let steps = 0; steps < 100_000; steps += 1) {
    const step = await consolidator.step(scope, 'default', 'holder', { limits });
    if (step.done) return made;
    made += step.made;
  }
  throw new Error('It does not end.');
}

/** Ids of the nodes that a tree over all episodes has. */
function treeOver(store: InMemoryHierarchy): string[] {
  const ids = new Set<string>();
  let items: LayerItem[] = store.episodes();
  for (let tier = 0; items.length > 1 && tier < MAX_TIER; tier += 1) {
    items = groupItems(items, groupingOf(tier)).map((group) => {
      const [only] = group;
      if (group.length === 1 && only) return only;
      const node = nodeOver(group, tier + 1);
      ids.add(node.id);
      const place = { session: null, at: node.startsAt, arrived: node.arrivedAt };
      return { ...node, place, vector: store.standing.get(node.id)?.vector ?? node.vector };
    });
  }
  return [...ids].sort();
}

const nodeIds = (store: InMemoryHierarchy): string[] => [...store.standing.keys()].sort();

const spot = fc.record({
  session: fc.constantFrom('1', '2', null),
  // Some moments are shared by many, some sessions are dense, some pauses are long.
  minute: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 90_000 })),
});
const change = fc.record({
  kind: fc.constantFrom('put' as const, 'put' as const, 'delete' as const, 'run' as const),
  number: fc.integer({ min: 0, max: 70 }),
  spot,
});

describe(Consolidator.name, () => {
  it.each([
    ['in spans of a thousand', SPAN_LIMITS],
    ['in spans of a hundred', SMALL_SPAN_LIMITS],
    ['in spans of a few', OF_A_FEW],
  ])('P34 has after any changes the tree of all episodes that are there, %s', async (_, limits) => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 140 }), async (changes) => {
        const store = new InMemoryHierarchy();
        let version = 0;
        for (const { kind, number, spot: at } of changes) {
          version += 1;
          if (kind === 'put') store.put(episode(number, at, version));
          else if (kind === 'delete') store.delete(episode(number, at).id);
          else await consolidate(store, limits);
        }
        await consolidate(store, limits);
        expect(nodeIds(store)).toEqual(treeOver(store));
        expect(await consolidate(store)).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('P34 lets nothing stand on what is deleted, before it runs again', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(spot, { minLength: 2, maxLength: 60 }),
        fc.nat(),
        async (spots, pick) => {
          const store = new InMemoryHierarchy();
          spots.forEach((at, number) => store.put(episode(number, at)));
          await consolidate(store);
          const gone = episode(pick % spots.length, { session: null, minute: 0 }).id;
          store.delete(gone);
          const there = new Set([
            ...store.standing.keys(),
            ...store.episodes().map(({ id }) => id),
          ]);
          for (const { sources } of store.standing.values()) {
            for (const source of sources) expect(there).toContain(source);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('P34 makes as few nodes for an episode more in a long history as in a short one', async () => {
    const madeFor = async (size: number): Promise<number> => {
      const store = new InMemoryHierarchy();
      for (let at = 0; at < size; at += 1) {
        const session = String(Math.floor(at / 20));
        store.put(episode(at, { session, minute: Math.floor(at / 20) * 400 + (at % 20) }));
      }
      await consolidate(store);
      const at = Math.floor(size / 2);
      const minute = Math.floor(at / 20) * 400 + (at % 20);
      store.put(episode(size, { session: String(Math.floor(at / 20)), minute }));
      return consolidate(store);
    };
    const [short, long] = [await madeFor(300), await madeFor(2_400)];
    expect(short).toBeGreaterThan(0);
    expect(long).toBeLessThan(short + 20);
  });
});
