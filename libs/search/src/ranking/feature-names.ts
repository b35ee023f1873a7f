/** All that a score is the weighted sum of, in the order it is summed. */
export const FEATURES = [
  'sentence',
  'surroundings',
  'session',
  'cosine',
  'cosineSurroundings',
  'cosineSession',
  'feedback',
  'exact',
  'speaker',
  'role',
  'firstPerson',
  'answers',
  'question',
  'length',
  'date',
  'time',
  'number',
  'name',
  'recency',
  'recencyLong',
  'rivals',
  'restated',
] as const;
export type Feature = (typeof FEATURES)[number];

/** What each feature counts. */
export type FeatureWeights = Readonly<Record<Feature, number>>;
