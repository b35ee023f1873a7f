/** Features that are taken away together. */
export interface Ablation {
  readonly name: string;
  readonly off: readonly string[];
}

/** What belongs together, by name; a name that no explanation carries is passed over. */
const GROUPS: readonly { name: string; has: (feature: string) => boolean }[] = [
  {
    name: 'all context',
    has: among('surroundings session cosineSurroundings cosineSession answers answersCosine'),
  },
  { name: 'all dense', has: (feature) => /^cosine|Cosine$/.test(feature) },
  { name: 'all lexical', has: among('sentence surroundings session') },
  { name: 'all dates', has: among('date time') },
  { name: 'all recency', has: (feature) => feature.startsWith('recency') },
  { name: 'all cues', has: among('time number name') },
  { name: 'all speaker', has: among('speaker role firstPerson') },
  { name: 'all second pass', has: among('feedback restated') },
  { name: 'all priors', has: among('length question rivals') },
];

/** Each feature by itself, then each group of which two or more are there. */
export function ablationsOf(features: readonly string[]): Ablation[] {
  const groups = GROUPS.map(({ name, has }) => ({ name, off: features.filter(has) }));
  return [
    ...features.map((feature) => ({ name: feature, off: [feature] })),
    ...groups.filter(({ off }) => off.length > 1),
  ];
}

function among(names: string): (feature: string) => boolean {
  const known = new Set(names.split(' '));
  return (feature) => known.has(feature);
}
