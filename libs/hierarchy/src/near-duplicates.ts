import {
  type ComparableText,
  cosine,
  describeText,
  type Said,
  saysTheSame,
  sharedWords,
} from './likeness.js';

export interface DuplicateCandidate extends Said {
  readonly id: string;
  readonly createdAt: number;
}

/** Both must hold of every pair in a cluster whose texts are not the same word for word. */
export interface CohesionTest {
  /** Least cosine, 0 to 1. */
  readonly minCosine: number;
  /** Least share of words in common (Jaccard), 0 to 1. */
  readonly minWords: number;
}

export const COHESION: CohesionTest = { minCosine: 0.92, minWords: 0.7 };

/**
 * Clusters of memories that say the same, two or more each, oldest first. Linkage is complete: each
 * member passes the test with every other, so that a chain A~B~C never joins A with C. Members are
 * taken in order of age and id and join the first cluster that takes them; the same set gives the
 * same clusters. What is `together` already stays so, is taken as one, and joins others only as a
 * whole. Takes n x n tests at most.
 */
export function nearDuplicates(
  candidates: readonly DuplicateCandidate[],
  test: CohesionTest = COHESION,
  together: readonly (readonly string[])[] = [],
): string[][] {
  const clusters: Described[][] = [];
  for (const unit of units(candidates, together)) {
    const home = clusters.find((members) =>
      members.every((member) => unit.every((joining) => saysTheSame(member, joining, test))),
    );
    if (home) home.push(...unit);
    else clusters.push([...unit]);
  }
  return clusters
    .filter(({ length }) => length > 1)
    .map((members) => members.toSorted(byAge).map(({ id }) => id));
}

/** How alike two texts are: the cosine of their vectors, and the share of words in common. */
export function likeness(left: Said, right: Said): { cosine: number; words: number } {
  const [a, b] = [describeText(left), describeText(right)];
  return { cosine: cosine(left.vector, right.vector), words: sharedWords(a, b) };
}

type Described = DuplicateCandidate & ComparableText;

function units(
  candidates: readonly DuplicateCandidate[],
  together: readonly (readonly string[])[],
): (readonly Described[])[] {
  const byId = new Map(
    candidates.map((candidate) => [candidate.id, { ...candidate, ...describeText(candidate) }]),
  );
  const joined = together.map((ids) => ids.flatMap((id) => byId.get(id) ?? []).toSorted(byAge));
  const taken = new Set(together.flat());
  const single = [...byId.values()].filter(({ id }) => !taken.has(id)).map((one) => [one]);
  return [...joined, ...single]
    .filter(({ length }) => length > 0)
    .toSorted(([a], [b]) => (a && b ? byAge(a, b) : 0));
}

type Aged = Pick<DuplicateCandidate, 'id' | 'createdAt'>;

const byAge = (a: Aged, b: Aged): number => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
