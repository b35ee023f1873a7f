/** How much each arm of a search counts. Weights sum to 1, so a fused score is 0 to 1. */
export interface Recipe {
  readonly weights: { readonly dense: number; readonly lexical: number };
  /** Candidates an arm gives for each result asked for, and at least so many. */
  readonly oversampling: number;
  readonly minCandidates: number;
}

/** Both arms alike: better than either alone and than reciprocal rank fusion (docs/retrieval.md). */
export const HYBRID: Recipe = {
  weights: { dense: 0.5, lexical: 0.5 },
  oversampling: 2,
  minCandidates: 200,
};
