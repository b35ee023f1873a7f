export interface DiversityCandidate<Id> {
  readonly id: Id;
  /** 0 to 1. */
  readonly score: number;
  /** Of length 1, and as long as all others. Without one it resembles nothing. */
  readonly vector?: Float32Array;
}

/**
 * The first `limit` ids by maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): each
 * place goes to the greatest `(1 - diversity) score - diversity similarity`, where similarity is
 * the greatest cosine to what is placed already, and at least 0. Candidates come best first: the
 * first keeps its place, equal ones keep their order, and with diversity 0 so do all. Takes at most
 * `limit` x candidates cosines.
 */
export function diversify<Id>(
  candidates: readonly DiversityCandidate<Id>[],
  diversity: number,
  limit: number,
): Id[] {
  if (diversity <= 0) return candidates.slice(0, limit).map(({ id }) => id);
  const waiting = candidates.map((candidate) => new Waiting(candidate));
  const placed: DiversityCandidate<Id>[] = [];
  while (placed.length < limit && waiting.length > 0) {
    let next = 0;
    let greatest = -Infinity;
    for (const [at, candidate] of waiting.entries()) {
      // Likeness only grows with what is placed: most candidates are out before it is measured.
      if (candidate.relevance(diversity) <= greatest) continue;
      candidate.compareWith(placed);
      const relevance = candidate.relevance(diversity);
      if (relevance <= greatest) continue;
      greatest = relevance;
      next = at;
    }
    placed.push(...waiting.splice(next, 1).map(({ candidate }) => candidate));
  }
  return placed.map(({ id }) => id);
}

class Waiting<Id> {
  private similarity = 0;
  private compared = 0;

  constructor(readonly candidate: DiversityCandidate<Id>) {}

  relevance(diversity: number): number {
    return (1 - diversity) * this.candidate.score - diversity * this.similarity;
  }

  /** With those placed since the last time. */
  compareWith(placed: readonly DiversityCandidate<Id>[]): void {
    for (; this.compared < placed.length; this.compared += 1) {
      const likeness = cosine(placed[this.compared]?.vector, this.candidate.vector);
      this.similarity = Math.max(this.similarity, likeness);
    }
  }
}

/** Four sums side by side: a single one waits for each addition. */
function cosine(left: Float32Array | undefined, right: Float32Array | undefined): number {
  if (!left || !right) return 0;
  const { length } = left;
  let [a, b, c, d] = [0, 0, 0, 0];
  let at = 0;
  for (; at + 3 < length; at += 4) {
    a += (left[at] ?? 0) * (right[at] ?? 0);
    b += (left[at + 1] ?? 0) * (right[at + 1] ?? 0);
    c += (left[at + 2] ?? 0) * (right[at + 2] ?? 0);
    d += (left[at + 3] ?? 0) * (right[at + 3] ?? 0);
  }
  for (; at < length; at += 1) a += (left[at] ?? 0) * (right[at] ?? 0);
  return a + b + c + d;
}
