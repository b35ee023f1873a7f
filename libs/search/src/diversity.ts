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
 * first keeps its place, equal ones keep their order, and with diversity 0 so do all.
 */
export function diversify<Id>(
  candidates: readonly DiversityCandidate<Id>[],
  diversity: number,
  limit: number,
): Id[] {
  if (diversity <= 0) return candidates.slice(0, limit).map(({ id }) => id);
  const waiting = candidates.map((candidate) => ({ candidate, similarity: 0 }));
  const placed: Id[] = [];
  let next = 0;
  while (placed.length < limit) {
    const [chosen] = waiting.splice(next, 1);
    if (!chosen) break;
    placed.push(chosen.candidate.id);
    next = 0;
    let greatest = -Infinity;
    for (const [at, rival] of waiting.entries()) {
      const { score, vector } = rival.candidate;
      rival.similarity = Math.max(rival.similarity, cosine(chosen.candidate.vector, vector));
      const relevance = (1 - diversity) * score - diversity * rival.similarity;
      if (relevance <= greatest) continue;
      greatest = relevance;
      next = at;
    }
  }
  return placed;
}

function cosine(left: Float32Array | undefined, right: Float32Array | undefined): number {
  if (!left || !right) return 0;
  let sum = 0;
  for (let at = 0; at < left.length; at += 1) sum += (left[at] ?? 0) * (right[at] ?? 0);
  return sum;
}
