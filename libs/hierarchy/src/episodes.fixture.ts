import fc from 'fast-check';
import { centroid } from './centroid.js';
import type { HierarchyItem } from './hierarchy-item.js';

/** Episodes of a few sessions, minutes or days apart, with short vectors. */
export const episodes = (most: number, least = 1): fc.Arbitrary<HierarchyItem[]> =>
  fc
    .array(
      fc.record({
        session: fc.constantFrom('a', 'b', undefined),
        minute: fc.integer({ min: 0, max: 200_000 }),
        vector: fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 4, maxLength: 4 }),
      }),
      { minLength: least, maxLength: most },
    )
    .map((rows) =>
      rows.map(({ session, minute, vector }, at) => ({
        id: `memory-${at}`,
        first: `memory-${at}`,
        arrivedAt: 0,
        leaves: 1,
        version: 1,
        session,
        startsAt: minute * 60_000,
        endsAt: minute * 60_000,
        vector: centroid([Float32Array.from(vector)], [1]),
      })),
    );
