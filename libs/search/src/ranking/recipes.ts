import type { FeatureWeights } from './feature-names.js';

/** Turns a sum into the share of memories with such a sum that were evidence (Platt 1999). */
export interface Calibration {
  readonly slope: number;
  readonly intercept: number;
}

/** A set of weights by name; the hits that feedback and restatement read are found by the others. */
export interface RankingRecipe {
  readonly calibration: Calibration;
  readonly weights: FeatureWeights;
}

/** Set by hand, above what any evidence by words brings: a memory named is meant. */
const EXACT_WEIGHT = 4;
/**
 * Set by hand: the data fitted on has no roles. In a study of four other sets a user's words stood
 * above an assistant's by half as much again as the surroundings weigh; this is two thirds of that.
 */
const ROLE_WEIGHT = 0.6;
/**
 * Held at about the least that keeps what it gains on notes drafted and then confirmed: a free fit
 * gives half as much again, and where the first saying is the evidence it is wrong.
 */
const RESTATED_WEIGHT = -1.6;

/**
 * For the hash embedder. Weights of a softmax regression on dialogues and on extracted notes (1.7 to
 * 1), with a little of both reshaped (docs/retrieval.md).
 */
export const RANKING_WITHOUT_MODEL: RankingRecipe = {
  calibration: { slope: 1.78, intercept: -8.28 },
  weights: {
    sentence: 0.36,
    surroundings: 1.24,
    session: 0.5,
    cosine: 0.19,
    cosineSurroundings: 0,
    cosineSession: 0.32,
    feedback: 0.88,
    exact: EXACT_WEIGHT,
    speaker: 0.3,
    role: ROLE_WEIGHT,
    firstPerson: 0.17,
    answers: 0.75,
    question: -0.38,
    length: 0.51,
    date: 1.07,
    time: 0.34,
    number: 0.59,
    name: 0.63,
    recency: 0.32,
    recencyLong: 0.69,
    rivals: -0.22,
    restated: RESTATED_WEIGHT,
  },
};

/** For a sentence model joined with a hash (0.7 and 0.3); weights found in the same way, 1 to 1. */
export const RANKING_WITH_MODEL: RankingRecipe = {
  calibration: { slope: 1.37, intercept: -8.81 },
  weights: {
    sentence: 0.42,
    surroundings: 1.08,
    session: 0.82,
    cosine: 1.07,
    cosineSurroundings: 0.32,
    cosineSession: 0.8,
    feedback: 0.85,
    exact: EXACT_WEIGHT,
    speaker: 0.23,
    role: ROLE_WEIGHT,
    firstPerson: 0.35,
    answers: 1.06,
    question: -0.52,
    length: 0.95,
    date: 1.2,
    time: 0.49,
    number: 0.65,
    name: 0.85,
    recency: 0.72,
    recencyLong: 0.7,
    rivals: -0.56,
    restated: RESTATED_WEIGHT,
  },
};
