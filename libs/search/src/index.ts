export * from './explanation.schema.js';
export * from './fusion.js';
export { lexicalCandidates } from './lexical-candidates.js';
export * from './posting-key.js';
export { QUERY_STOP_LEXEMES } from './ranking/query-words.js';
export {
  type Contribution,
  rankMemories,
  type RankedMemory,
  recomputeScore,
} from './ranking/rank.js';
export type * from './ranking/ranking-input.js';
export {
  RANKING_WITH_MODEL,
  RANKING_WITHOUT_MODEL,
  type RankingRecipe,
} from './ranking/recipes.js';
export { splitSentences } from './ranking/sentences.js';
export * from './recipes.js';
export { SearchArms } from './search-arms.js';
export * from './search-repository.js';
export * from './search-batch.schema.js';
export * from './search-batch.service.js';
export { SearchResults } from './search-results.js';
export * from './search.schema.js';
export * from './search.service.js';
export { TokenCounter } from './token-counter.js';
