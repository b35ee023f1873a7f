import type { FeatureWeights } from './feature-names.js';

/** Turns a sum into the share of memories with such a sum that were evidence (Platt 1999). */
export interface Calibration {
  readonly slope: number;
  readonly intercept: number;
}

export interface RankingRecipe {
  readonly calibration: Calibration;
  /** Picks the hits that feedback and restatement read; those two count 0 in it. */
  readonly firstPass: FeatureWeights;
  readonly weights: FeatureWeights;
}

/** Set by hand, above what any evidence by words brings: a memory named is meant. */
const EXACT_WEIGHT = 4;
/**
 * Set by hand: the data fitted on has no roles. In a study of four other sets a user's words stood
 * above an assistant's by half as much again as the surroundings weigh; this is a little less.
 */
const ROLE_WEIGHT = 1;

/**
 * For the hash embedder. Weights of a softmax regression on dialogues and on extracted notes, both
 * counted alike (docs/retrieval.md).
 */
export const RANKING_WITHOUT_MODEL: RankingRecipe = {
  calibration: { slope: 1, intercept: -8 },
  firstPass: {
    sentence: 0.8,
    surroundings: 1.9,
    session: 1.4,
    cosine: 0.3,
    cosineSurroundings: 0.8,
    cosineSession: 0.5,
    feedback: 0,
    exact: EXACT_WEIGHT,
    role: ROLE_WEIGHT,
    speaker: 0.5,
    firstPerson: 0.6,
    answers: 2.1,
    answersCosine: 0.1,
    reply: -0.4,
    question: -0.7,
    length: 1.7,
    date: 2,
    time: 0.9,
    number: 0.6,
    name: 1.3,
    quotation: 0,
    recency: 0.5,
    recencyLong: 1.9,
    rivals: -0.4,
    restated: 0,
  },
  weights: {
    sentence: 0.8,
    surroundings: 1.73,
    session: 1.33,
    cosine: 0.47,
    cosineSurroundings: 0.6,
    cosineSession: 0.44,
    feedback: 1.2,
    exact: EXACT_WEIGHT,
    role: ROLE_WEIGHT,
    speaker: 0.71,
    firstPerson: 0.54,
    answers: 1.9,
    answersCosine: 0.13,
    reply: -0.34,
    question: -1.05,
    length: 1.59,
    date: 1.64,
    time: 0.89,
    number: 0.37,
    name: 1.05,
    quotation: -0.01,
    recency: 0.47,
    recencyLong: 1.81,
    rivals: -0.28,
    restated: -3.58,
  },
};

/** For a sentence model joined with a hash (0.7 and 0.3); weights found in the same way. */
export const RANKING_WITH_MODEL: RankingRecipe = {
  calibration: { slope: 1, intercept: -8 },
  firstPass: {
    sentence: 0.5,
    surroundings: 2,
    session: 1.3,
    cosine: 1.8,
    cosineSurroundings: 1,
    cosineSession: 1.7,
    feedback: 0,
    exact: EXACT_WEIGHT,
    role: ROLE_WEIGHT,
    speaker: 0.3,
    firstPerson: 0.6,
    answers: 2.2,
    answersCosine: 0.5,
    reply: -0.6,
    question: -1,
    length: 1.6,
    date: 2,
    time: 1,
    number: 0.5,
    name: 1.2,
    quotation: 0.6,
    recency: 1,
    recencyLong: 1.6,
    rivals: -1.1,
    restated: 0,
  },
  weights: {
    sentence: 0.41,
    surroundings: 1.89,
    session: 1.12,
    cosine: 1.68,
    cosineSurroundings: 0.83,
    cosineSession: 1.36,
    feedback: 1.04,
    exact: EXACT_WEIGHT,
    role: ROLE_WEIGHT,
    speaker: 0.3,
    firstPerson: 0.63,
    answers: 2.07,
    answersCosine: 0.38,
    reply: -0.5,
    question: -0.97,
    length: 1.44,
    date: 1.83,
    time: 0.97,
    number: 0.61,
    name: 1.07,
    quotation: 0.45,
    recency: 0.88,
    recencyLong: 1.44,
    rivals: -0.81,
    restated: -3,
  },
};
