/** How scores are made up: context by the ranking core, the others by fusing the two arms alone. */
export const RECIPE_NAMES = ['context', 'hybrid', 'rrf', 'dense', 'lexical'] as const;
export type RecipeName = (typeof RECIPE_NAMES)[number];
export type FusionRecipeName = Exclude<RecipeName, 'context'>;
export const DEFAULT_RECIPE: RecipeName = 'context';

/** How an arm's scores become comparable with another's. */
export type Normalisation = 'share-of-best' | 'reciprocal-rank' | 'as-is';

export interface FusionRecipe {
  /** Weights sum to 1, so a fused score is 0 to 1. An arm that counts 0 is not asked. */
  readonly weights: { readonly dense: number; readonly lexical: number };
  readonly normalisation: Normalisation;
}

export const FUSION_RECIPES: Readonly<Record<FusionRecipeName, FusionRecipe>> = {
  hybrid: { weights: { dense: 0.5, lexical: 0.5 }, normalisation: 'share-of-best' },
  rrf: { weights: { dense: 0.5, lexical: 0.5 }, normalisation: 'reciprocal-rank' },
  dense: { weights: { dense: 1, lexical: 0 }, normalisation: 'as-is' },
  lexical: { weights: { dense: 0, lexical: 1 }, normalisation: 'share-of-best' },
};

/** Hits that an arm gives, unless more results are asked for. */
export const ARM_HITS = 200;

export interface ContextWidth {
  /** Hits of each arm that are candidates, unless more results are asked for. */
  readonly candidates: number;
  /** So many of them bring their neighbours along, and so many their links. */
  readonly spreading: number;
  readonly linking: number;
}

/** Wider costs 3 ms and finds .003 more (docs/retrieval.md): little beside the call of a model. */
export const WIDTH_WITHOUT_MODEL: ContextWidth = { candidates: 100, spreading: 50, linking: 20 };
export const WIDTH_WITH_MODEL: ContextWidth = { candidates: 200, spreading: 100, linking: 20 };
/** How far neighbours of spreading hits become candidates themselves. */
export const SPREAD = 2;
